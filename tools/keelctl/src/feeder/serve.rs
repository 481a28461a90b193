// SPDX-License-Identifier: Apache-2.0
//! `/metrics` for Prometheus and `/healthz` for whoever restarts programs.

use super::{
	board::age_ms,
	error::FeederError,
	status::{Status, Verdict},
};
use crate::units::Price;
use http_body_util::Full;
use hyper::{
	body::{Bytes, Incoming},
	header,
	server::conn::http1,
	service::service_fn,
	Method, Request, Response, StatusCode,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus::{GaugeVec, IntCounterVec, Opts, Registry, TextEncoder};
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// How long a caller may take to say what it wants.
const HEADER: Duration = Duration::from_secs(5);

/// Take the port, or say why not.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, FeederError> {
	let wrong = |error: std::io::Error| FeederError::Listen {
		address: address.to_string(),
		reason: error.to_string(),
	};
	TcpListener::bind(address).await.map_err(wrong)
}

/// Answer for ever.
pub async fn serve(listener: TcpListener, status: Arc<Status>) {
	loop {
		let Ok((connection, _)) = listener.accept().await else {
			// Out of file descriptors, perhaps: others will be given back.
			tokio::time::sleep(Duration::from_millis(100)).await;
			continue;
		};
		let status = Arc::clone(&status);
		tokio::spawn(async move {
			let answer = service_fn(move |request: Request<Incoming>| {
				let response = respond(&request, &status);
				async move { Ok::<_, Infallible>(response) }
			});
			let mut server = http1::Builder::new();
			server.timer(TokioTimer::new()).header_read_timeout(HEADER);
			// Whoever hangs up has what it wanted.
			let _ = server.serve_connection(TokioIo::new(connection), answer).await;
		});
	}
}

fn respond<T>(request: &Request<T>, status: &Status) -> Response<Full<Bytes>> {
	let (code, kind, text) = match (request.method(), request.uri().path()) {
		(&Method::GET, "/metrics") => match metrics(status) {
			Ok(text) => (StatusCode::OK, prometheus::TEXT_FORMAT, text),
			Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
		},
		(&Method::GET, "/healthz") => {
			let (healthy, details) = status.health();
			let code = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
			(code, "application/json", format!("{details:#}\n"))
		}
		(&Method::GET, _) => (StatusCode::NOT_FOUND, "text/plain", "see /metrics and /healthz\n".to_owned()),
		_ => (StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET only\n".to_owned()),
	};
	let mut response = Response::new(Full::new(Bytes::from(text)));
	*response.status_mut() = code;
	response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
	response
}

/// Everything in the format of Prometheus. Made anew for each caller: there is nothing to forget.
pub fn metrics(status: &Status) -> prometheus::Result<String> {
	let registry = Registry::new();
	let gauges = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<GaugeVec> {
		let made = GaugeVec::new(Opts::new(format!("keel_feeder_{name}"), help), labels)?;
		registry.register(Box::new(made.clone()))?;
		Ok(made)
	};
	let counters = |name: &str, help: &str, labels: &[&str]| -> prometheus::Result<IntCounterVec> {
		let made = IntCounterVec::new(Opts::new(format!("keel_feeder_{name}"), help), labels)?;
		registry.register(Box::new(made.clone()))?;
		Ok(made)
	};
	let flag = |is: bool| if is { 1.0 } else { 0.0 };

	let reporting = status.reporting();
	gauges("node_up", "Whether a node answers.", &[])?
		.with_label_values(&[] as &[&str])
		.set(flag(reporting.node.is_some()));
	let best = gauges("best_block", "The newest block seen.", &[])?;
	let block_age = gauges("block_age_seconds", "How long ago the newest block was seen.", &[])?;
	if let Some((number, seen)) = reporting.best {
		best.with_label_values(&[] as &[&str]).set(looked_at(u128::from(number)));
		block_age.with_label_values(&[] as &[&str]).set(seconds(age_ms(seen)));
	}
	let reports = counters("reports_total", "Reports, by what became of them.", &["result"])?;
	for (result, count) in &reporting.reports {
		reports.with_label_values(&[*result]).inc_by(*count);
	}
	counters("twin_rounds_total", "Rounds that somebody else reported with this key.", &[])?
		.with_label_values(&[] as &[&str])
		.inc_by(reporting.twin_rounds);

	let price = gauges("price_dollars", "The price said last, to be looked at.", &["feed"])?;
	let confidence = gauges("confidence_dollars", "Half of the spread of its sources.", &["feed"])?;
	let sources = gauges("sources", "Of how many sources it was made.", &["feed"])?;
	let report_age = gauges("report_age_seconds", "How long ago it was said.", &["feed"])?;
	let said = counters("feed_reports_total", "How many times the feed was reported.", &["feed"])?;
	let withheld = gauges("withheld", "Whether the feed is withheld now, and why.", &["feed", "reason"])?;
	let withheld_total =
		counters("withheld_total", "In how many blocks the feed was withheld.", &["feed", "reason"])?;
	let up = gauges("source_up", "Whether the source's last answer was a price.", &["feed", "source"])?;
	let age = gauges("source_age_seconds", "How long ago its last price was heard.", &["feed", "source"])?;
	let answers = counters("source_answers_total", "Prices it has given.", &["feed", "source"])?;
	let failures = counters("source_failures_total", "Times it has failed.", &["feed", "source"])?;
	let still = gauges("source_still_seconds", "How long it has named the same price.", &["feed", "source"])?;
	let left_out = gauges(
		"source_left_out",
		"Whether it was left out at the last verdict, and why.",
		&["feed", "source", "reason"],
	)?;
	let failing = gauges("source_failing", "Why it fails now.", &["feed", "source", "reason"])?;
	for ((feed, states), status) in status.board.feeds().zip(&reporting.feeds) {
		let name = feed.name.as_str();
		said.with_label_values(&[name]).inc_by(status.reports);
		if let Some((fair, _, when)) = &status.reported {
			price.with_label_values(&[name]).set(dollars(fair.price));
			confidence.with_label_values(&[name]).set(dollars(fair.confidence));
			sources.with_label_values(&[name]).set(looked_at(fair.sources as u128));
			report_age.with_label_values(&[name]).set(seconds(age_ms(*when)));
		}
		for (reason, count) in &status.withheld {
			withheld_total.with_label_values(&[name, *reason]).inc_by(*count);
			let now = matches!(&status.verdict, Verdict::Withheld(why) if why.kind() == *reason);
			withheld.with_label_values(&[name, *reason]).set(flag(now));
		}
		for (source, why) in &status.left_out {
			left_out.with_label_values(&[name, source.as_str(), why.kind()]).set(1.0);
		}
		for (source, state) in feed.sources.iter().zip(states) {
			let labels = [name, source.name.as_str()];
			up.with_label_values(&labels).set(flag(state.failure.is_none() && state.sample.is_some()));
			answers.with_label_values(&labels).inc_by(state.answers);
			failures.with_label_values(&labels).inc_by(state.failures);
			if let Some(sample) = state.sample {
				age.with_label_values(&labels).set(seconds(age_ms(sample.heard)));
			}
			if let Some((_, since)) = state.still {
				still.with_label_values(&labels).set(seconds(age_ms(since)));
			}
			if let Some(failure) = &state.failure {
				failing.with_label_values(&[labels[0], labels[1], failure.kind()]).set(1.0);
			}
		}
	}
	drop(reporting);
	TextEncoder::new().encode_to_string(&registry.gather())
}

/// A number on a chart. Nothing is computed with it.
fn looked_at(number: u128) -> f64 {
	number as f64
}

fn dollars(price: Price) -> f64 {
	looked_at(price.0) / 1e18
}

fn seconds(milliseconds: u64) -> f64 {
	looked_at(u128::from(milliseconds)) / 1e3
}
