// SPDX-License-Identifier: Apache-2.0
//! A chain that counts what is asked of its state, and takes times.

use std::{cell::RefCell, rc::Rc, time::Duration};

use keel_sim::chain::Chain;
use sp_externalities::{set_and_run_with_externalities, Externalities};

use crate::{
	blocks::timed,
	counting::{Counting, Counts},
};

/// What measuring needs of a chain besides.
pub trait Measured {
	/// Act, count what it asks of the state, and keep what it did.
	fn act_counted<R>(&mut self, act: impl FnOnce(&RefCell<Counts>) -> R) -> R;

	/// Act, count what it asks of the state, and forget what it did.
	fn try_out_counted<R>(&self, act: impl FnOnce(&RefCell<Counts>) -> R) -> R;

	/// Act, forget what it did, and tell how long the root of the changed state takes.
	fn time_of_root(&self, act: impl FnOnce()) -> Duration;
}

impl Measured for Chain {
	fn act_counted<R>(&mut self, act: impl FnOnce(&RefCell<Counts>) -> R) -> R {
		self.act_on(|state| counted(state, act))
	}

	fn try_out_counted<R>(&self, act: impl FnOnce(&RefCell<Counts>) -> R) -> R {
		self.try_out_on(|state| counted(state, act))
	}

	fn time_of_root(&self, act: impl FnOnce()) -> Duration {
		self.root_of(act, |root| timed(root))
	}
}

fn counted<R>(state: &mut dyn Externalities, act: impl FnOnce(&RefCell<Counts>) -> R) -> R {
	let counts = Rc::new(RefCell::new(Counts::default()));
	let mut counting = Counting::new(state, counts.clone());
	set_and_run_with_externalities(&mut counting, || act(&counts))
}
