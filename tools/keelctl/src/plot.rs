// SPDX-License-Identifier: Apache-2.0
//! Plots as SVG: lines over one axis, each panel with a scale of its own.

use plotters::prelude::*;

/// A line of a panel.
pub struct Line {
	/// What it shows.
	pub label: &'static str,
	/// Its points, in order of the axis.
	pub points: Vec<(f64, f64)>,
}

/// Colours that people with any kind of sight tell apart (Okabe and Ito, 2008).
const COLOURS: [RGBColor; 4] =
	[RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];
const WIDTH: u32 = 860;
const PANEL: u32 = 330;

/// Panels below one another, each with what its vertical axis counts and its lines.
///
/// A scale begins at zero, but where all values of a panel are more than half of the largest.
pub fn svg(title: &str, axis: &str, panels: &[(&str, Vec<Line>)]) -> Result<String, String> {
	let mut drawn = String::new();
	draw(&mut drawn, title, axis, panels).map_err(|error| format!("the plot cannot be drawn: {error}"))?;
	Ok(drawn)
}

fn draw(
	into: &mut String,
	title: &str,
	axis: &str,
	panels: &[(&str, Vec<Line>)],
) -> Result<(), Box<dyn std::error::Error>> {
	let height = PANEL * u32::try_from(panels.len())? + 50;
	let area = SVGBackend::with_string(into, (WIDTH, height)).into_drawing_area();
	area.fill(&WHITE)?;
	let area = area.titled(title, ("sans-serif", 22))?;
	for (panel, (counts, lines)) in area.split_evenly((panels.len(), 1)).iter().zip(panels) {
		let points = || lines.iter().flat_map(|line| &line.points);
		let (left, right) =
			points().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
		// A panel of nothing but zeros still has a scale.
		let most = points().fold(1.0_f64, |most, (_, y)| most.max(*y));
		let least = points().fold(most, |least, (_, y)| least.min(*y));
		let bottom = if least * 2.0 > most { least * 0.98 } else { 0.0 };
		let mut chart = ChartBuilder::on(panel)
			.margin(12)
			.x_label_area_size(42)
			.y_label_area_size(92)
			.build_cartesian_2d(left..right, bottom..most * 1.05)?;
		chart
			.configure_mesh()
			.light_line_style(WHITE)
			// A count of a few has no parts.
			.y_labels(if most < 10.0 { most.ceil() as usize + 1 } else { 11 })
			.x_desc(axis)
			.y_desc(*counts)
			.x_label_formatter(&|x| format!("{x:.0}"))
			.y_label_formatter(&|y| grouped(*y))
			.draw()?;
		for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
			let style = ShapeStyle::from(colour).stroke_width(2);
			chart
				.draw_series(LineSeries::new(line.points.iter().copied(), style))?
				.label(line.label)
				.legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
		}
		chart
			.configure_series_labels()
			.position(SeriesLabelPosition::UpperLeft)
			.background_style(WHITE.mix(0.8))
			.border_style(BLACK.mix(0.3))
			.draw()?;
	}
	area.present()?;
	Ok(())
}

/// A count with thousands separators, for people.
fn grouped(value: f64) -> String {
	let whole = format!("{value:.0}");
	let mut text = String::new();
	for (index, digit) in whole.chars().enumerate() {
		if index > 0 && (whole.len() - index).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn all_lines_and_axes_are_in_the_picture() {
		let line =
			|label| Line { label, points: vec![(0.0, 0.0), (50.0, 1_000_000.0), (100.0, 2_500_000.0)] };
		let drawn =
			svg("a title", "an axis", &[("a count", vec![line("one"), line("two")])]).expect("it is drawn");
		for part in ["<svg", "a title", "an axis", "a count", "one", "two", "1,000,000"] {
			assert!(drawn.contains(part), "{part} is missing");
		}
		assert!(drawn.matches("<polyline").count() >= 2, "each line is one");
	}

	#[test]
	fn nothing_but_zeros_is_drawn_too() {
		let line = Line { label: "none", points: vec![(0.0, 0.0), (1.0, 0.0)] };
		assert!(svg("t", "x", &[("y", vec![line])]).is_ok());
	}

	#[test]
	fn thousands_are_set_apart() {
		assert_eq!(["0", "999", "1,000", "12,345,678"], [0.0, 999.0, 1e3, 12_345_678.0].map(grouped)[..]);
	}
}
