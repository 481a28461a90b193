// SPDX-License-Identifier: Apache-2.0
//! The ordered map walks in order, stays under its prefix, and goes on past deleted keys.

use keel_ordered::Ordered;

fn build(test: impl FnOnce()) {
	sp_io::TestExternalities::default().execute_with(test);
}

fn put(key: &[u8]) {
	sp_io::storage::set(key, b"");
}

fn walk(map: &Ordered) -> Vec<Vec<u8>> {
	let mut found = Vec::new();
	let mut entry = map.first();
	while let Some(at) = entry {
		found.push(at.rest().to_vec());
		entry = map.after(&at.raw);
	}
	found
}

#[test]
fn entries_come_in_order_and_only_those_under_the_prefix() {
	build(|| {
		let map = Ordered::new(b"zz/book".to_vec());
		for key in [&b"zz/book2"[..], b"zz/book1", b"zz/book3", b"zz/bop", b"zz/boo"] {
			put(key);
		}
		assert_eq!(walk(&map), vec![b"1".to_vec(), b"2".to_vec(), b"3".to_vec()]);
		for key in [&b"zz/book2"[..], b"zz/book1", b"zz/book3", b"zz/bop", b"zz/boo"] {
			sp_io::storage::clear(key);
		}
		assert!(walk(&map).is_empty());
	});
}

#[test]
fn a_walk_goes_on_from_a_key_that_was_deleted_and_finds_what_was_added_behind_it() {
	build(|| {
		let map = Ordered::new(b"zz/book".to_vec());
		for index in 0_u8..100 {
			put(&[&b"zz/book"[..], &[index]].concat());
		}
		let mut entry = map.from(&[10]);
		let mut seen = 0;
		while let Some(at) = entry {
			sp_io::storage::clear(&at.raw);
			seen += 1;
			entry = map.after(&at.raw);
		}
		// Nothing follows the sorted bytes here, so the walk starts after them; in a ladder an account does.
		assert_eq!(seen, 89);
		assert_eq!(map.first().unwrap().rest(), &[0]);
	});
}
