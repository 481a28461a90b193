// SPDX-License-Identifier: Apache-2.0
//! Where in a JSON text something is.

use keel_node::json::*;

const TEXT: &str = r#"{
  "name": "a \"b\": {",
  "list": [1, [2, 3],
    { "deep": true }],
  "empty": {},
  "last": null
}"#;

fn path(keys: &[&str]) -> Path {
	keys.iter().fold(Path::default(), |path, key| path.key(key))
}

#[test]
fn a_value_is_found_by_its_path() {
	assert_eq!(line_of(TEXT, &Path::default()), Some(1));
	assert_eq!(line_of(TEXT, &path(&["name"])), Some(2));
	let mut deep = path(&["list"]);
	deep.0.push(Step::Index(2));
	assert_eq!(line_of(TEXT, &deep), Some(4));
	assert_eq!(line_of(TEXT, &deep.key("deep")), Some(4));
	assert_eq!(deep.key("deep").to_string(), "list[2].deep");
	assert_eq!(line_of(TEXT, &path(&["last"])), Some(6));
	// A text in a text is no key.
	assert_eq!(line_of(TEXT, &path(&["b"])), None);
}

#[test]
fn a_place_is_named_by_the_value_that_was_being_read() {
	for (line, column, expected) in [
		(1, 1, ""),
		(2, 20, "name"),
		(3, 12, "list[0]"),
		(3, 17, "list[1][0]"),
		(4, 19, "list[2].deep"),
		(6, 14, "last"),
		(9, 9, "last"),
	] {
		assert_eq!(path_at(TEXT, line, column).to_string(), expected, "{line}:{column}");
	}
}

#[test]
fn a_complaint_is_parted_from_its_place() {
	let error = serde_json::from_str::<u8>("\n  x").unwrap_err().to_string();
	assert_eq!(complaint(&error), ("expected value", Some((2, 3))));
	assert_eq!(complaint("no place"), ("no place", None));
	assert_eq!(complaint("wrong at line x column 3"), ("wrong at line x column 3", None));
}

#[test]
fn a_broken_text_does_no_harm() {
	for cut in 0..TEXT.len() {
		line_of(&TEXT[..cut], &path(&["last"]));
		path_at(&TEXT[..cut], 4, 4);
	}
}
