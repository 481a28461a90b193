// SPDX-License-Identifier: Apache-2.0
//! What our calls and hooks cost, as `scripts/weights` has measured it (`docs/weights.md`).
//!
//! A runtime that is built to be measured does without: a step that is new has no figure yet.

#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_change_control;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_circuit_breaker;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_emergency;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_faucet;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_insurance_fund;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_liquidation;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_margin;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_oracle;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_stress_test;
#[cfg(not(feature = "runtime-benchmarks"))]
mod keel_urgent_calls;

macro_rules! measured {
	($($(#[$doc:meta])* $name:ident = $pallet:ident;)*) => {
		$(
			$(#[$doc])*
			#[cfg(not(feature = "runtime-benchmarks"))]
			pub type $name = self::$pallet::WeightInfo<crate::Runtime>;
			$(#[$doc])*
			#[cfg(feature = "runtime-benchmarks")]
			pub type $name = ();
		)*
	};
}

measured! {
	/// Change control's.
	ChangeControl = keel_change_control;
	/// The breaker's.
	CircuitBreaker = keel_circuit_breaker;
	/// Of what is done in an emergency.
	Emergency = keel_emergency;
	/// The faucet's.
	Faucet = keel_faucet;
	/// The insurance fund's.
	InsuranceFund = keel_insurance_fund;
	/// Liquidation's.
	Liquidation = keel_liquidation;
	/// Margin's.
	Margin = keel_margin;
	/// The oracle's.
	Oracle = keel_oracle;
	/// Of the library of scenarios.
	StressTest = keel_stress_test;
	/// Of the extension for urgent calls.
	UrgentCalls = keel_urgent_calls;
}
