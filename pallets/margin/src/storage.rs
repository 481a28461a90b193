// SPDX-License-Identifier: Apache-2.0
//! What the pallet stores.

use frame_support::pallet_macros::pallet_section;

/// The storage, a section of the pallet.
#[pallet_section]
mod storage {
	/// The markets, by id.
	#[pallet::storage]
	pub type Markets<T> = StorageMap<_, Twox64Concat, MarketId, Market>;

	/// The id of the next market: ids are given in order of listing.
	#[pallet::storage]
	pub type NextMarket<T> = StorageValue<_, MarketId, ValueQuery>;

	/// The margin accounts, by owner and sub-account.
	#[pallet::storage]
	pub type Accounts<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, SubAccount, Account<T>, ValueQuery>;

	/// The sum of the cash of all accounts, in 1e-6 dollars.
	#[pallet::storage]
	pub type TotalCash<T> = StorageValue<_, Quote, ValueQuery>;

	/// What was pulled into custody less what was pushed out, in 1e-6 dollars. What the custody account
	/// holds above it was sent there by mistake, and is the insurance fund's once somebody sweeps it.
	#[pallet::storage]
	pub type Custodied<T> = StorageValue<_, Quote, ValueQuery>;

	/// Generations that ended and still have positions to settle.
	#[pallet::storage]
	pub type Generations<T> = StorageNMap<
		_,
		(NMapKey<Twox64Concat, MarketId>, NMapKey<Twox64Concat, Side>, NMapKey<Twox64Concat, Generation>),
		Ended,
	>;

	/// The trigger book: market, side, tier, generation, key, account. Not hashed: the trie sorts it.
	#[pallet::storage]
	pub type Triggers<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Identity, MarketId>,
			NMapKey<Identity, Side>,
			NMapKey<Identity, TierIndex>,
			NMapKey<Identity, Generation>,
			NMapKey<Identity, [u8; 16]>,
			NMapKey<Identity, MarginAccount<T::AccountId>>,
		),
		(),
	>;

	/// Offers of block trades, by id.
	#[pallet::storage]
	pub type Offers<T: Config> = StorageMap<_, Twox64Concat, u64, OfferOf<T>>;

	/// Ids of offers: the oldest that may still be there, and the next.
	#[pallet::storage]
	pub type OfferIds<T> = StorageValue<_, QueueBounds, ValueQuery>;

	/// Withdrawals and transfers that wait for the next block's levels.
	#[pallet::storage]
	pub type LeavingQueue<T: Config> =
		StorageMap<_, Twox64Concat, u64, Leaving<T::AccountId, BlockNumberFor<T>>>;

	/// The bounds of the queue of withdrawals and transfers.
	#[pallet::storage]
	pub type LeavingBounds<T> = StorageValue<_, QueueBounds, ValueQuery>;

	/// How many withdrawals and transfers of an owner wait.
	#[pallet::storage]
	pub type LeavingCount<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u32, ValueQuery>;

	/// The calls with priority that an owner has used in a block. Forgotten in the next one.
	#[pallet::storage]
	pub type UrgentCalls<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Urgent<BlockNumberFor<T>>, ValueQuery>;

	/// What an owner's keys that may not withdraw may lose against mark within a day, and have lost.
	#[pallet::storage]
	pub type KeyCaps<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, KeyCap, ValueQuery>;
}
