// SPDX-License-Identifier: Apache-2.0
//! Whatever all members of all bodies do: nothing is stopped for longer than its budget, every stop ends, and somebody can
//! always let go on what is stopped.

use crate::{mock::*, *};
use proptest::{
	prelude::*,
	test_runner::{Config as Runs, TestError, TestRunner},
};

#[derive(Clone, Debug)]
enum Step {
	Approve(u64, Act<u64>),
	/// All of a body approve, one after the other.
	Body(Body, Act<u64>),
	Withdraw(u64, Act<u64>),
	Vote(Act<u64>),
	Wait(u64),
}

fn act() -> impl Strategy<Value = Act<u64>> {
	let call = || prop::sample::select(vec!["one", "two"]).prop_map(name);
	let power = prop_oneof![
		Just(Power::SafeMode),
		call().prop_map(Power::Pause),
		prop::sample::select(SECURITY.to_vec()).prop_map(Power::Alone),
	];
	prop_oneof![
		2 => Just(Act::EnterSafeMode),
		3 => Just(Act::ExtendSafeMode),
		1 => Just(Act::ExitSafeMode),
		2 => call().prop_map(|call| Act::PauseCall { call }),
		3 => call().prop_map(|call| Act::RenewPause { call }),
		1 => call().prop_map(|call| Act::ResumeCall { call }),
		4 => power.prop_map(|power| Act::Rearm { power }),
	]
}

fn step() -> impl Strategy<Value = Step> {
	let somebody = prop::sample::select([&SECURITY[..], &TECHNICAL, &COUNCIL, &[STRANGER]].concat());
	prop_oneof![
		2 => (somebody.clone(), act()).prop_map(|(who, act)| Step::Approve(who, act)),
		8 => (prop::sample::select(Body::ALL.to_vec()), act()).prop_map(|(body, act)| Step::Body(body, act)),
		1 => (somebody, act()).prop_map(|(who, act)| Step::Withdraw(who, act)),
		1 => act().prop_map(Step::Vote),
		4 => (1_u64..12).prop_map(Step::Wait),
	]
}

/// Which of these were stopped in each block.
type Stopped = Vec<[bool; 3]>;

fn now_stopped() -> [bool; 3] {
	let calls = [name("one"), name("two")].map(|call| Doors::is_paused(&call));
	[world(|world| world.safe_mode.is_some()), calls[0], calls[1]]
}

/// What is wrong with a history, if anything.
fn play(steps: &[Step]) -> Result<(), String> {
	chain().execute_with(|| {
		let mut stopped = Stopped::new();
		let once = |who: u64, act: &Act<u64>| {
			let _ = approve(who, act);
		};
		for step in steps {
			match step {
				Step::Approve(who, act) => once(*who, act),
				Step::Body(body, act) => {
					let members = world(|world| world.seats[body].clone());
					members.iter().for_each(|who| once(*who, act));
				}
				Step::Withdraw(who, act) => {
					let _ = Emergency::withdraw_approval(RuntimeOrigin::signed(*who), act.clone());
				}
				Step::Vote(act) => {
					let _ = frame_support::storage::with_storage_layer(|| {
						Emergency::act(RuntimeOrigin::root(), act.clone())
					});
				}
				Step::Wait(blocks) => (0..*blocks).for_each(|_| {
					stopped.push(now_stopped());
					begin_block();
				}),
			}
		}
		Emergency::do_try_state().map_err(|error| format!("{error:?}"))?;
		// Of every other history: somebody can let go on whatever is stopped. Of the others: it goes on by itself.
		if steps.len() % 2 == 1 {
			for what in 0..3 {
				let exit = match what {
					0 => Act::ExitSafeMode,
					1 => Act::ResumeCall { call: name("one") },
					_ => Act::ResumeCall { call: name("two") },
				};
				if now_stopped()[what] {
					TECHNICAL.iter().for_each(|who| once(*who, &exit));
				}
				if now_stopped()[what] {
					return Err(format!("nobody can do {exit:?}"));
				}
			}
		}
		// Left alone, everything goes on.
		for _ in 0..60 {
			stopped.push(now_stopped());
			begin_block();
		}
		if stopped.last() != Some(&[false; 3]) {
			return Err("a stop does not end".into());
		}
		for what in 0..3 {
			let before: Vec<u64> = std::iter::once(0)
				.chain(stopped.iter().scan(0, |blocks, stopped| {
					*blocks += u64::from(stopped[what]);
					Some(*blocks)
				}))
				.collect();
			let most = before.windows(WINDOW as usize + 1).map(|window| window[WINDOW as usize] - window[0]);
			let most = most.max().unwrap_or_else(|| *before.last().expect("there are blocks"));
			if most > BUDGET {
				return Err(format!("{most} blocks of {what} in a window"));
			}
		}
		Ok(())
	})
}

fn search(cases: u32) -> Result<(), TestError<Vec<Step>>> {
	let config = Runs { cases, failure_persistence: None, max_shrink_iters: 256, ..Runs::default() };
	TestRunner::new(config)
		.run(&prop::collection::vec(step(), 1..150), |steps| play(&steps).map_err(TestCaseError::fail))
}

#[test]
fn nobody_stops_anything_for_longer_than_its_budget_or_for_good() {
	if let Err(found) = search(256) {
		panic!("{found}");
	}
}

#[test]
fn a_search_finds_a_budget_that_is_not_kept() {
	Most::set(3 * BUDGET);
	let found = search(2_000);
	Most::set(BUDGET);
	let Err(TestError::Fail(reason, _)) = found else { panic!("not found: {found:?}") };
	assert!(reason.message().contains("in a window"), "{reason}");
}
