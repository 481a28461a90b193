// SPDX-License-Identifier: Apache-2.0
//! `keelctl doctor`.

use super::{exchange::free_keel, Context};
use crate::{
	chain::{self, AtBlock, Chain},
	doctor::{self, Finding, Health, Verdict},
	error::Error,
	exchange, keys, oracle, pause,
	units::Keel,
	Result,
};
use clap::Args;
use miette::Diagnostic;
use serde_json::{json, Value};
use std::{
	net::ToSocketAddrs,
	time::{Duration, Instant, SystemTime},
};
use subxt::rpcs::rpc_params;

/// How long a block is waited for.
const LOOK: Duration = Duration::from_secs(12);
/// How long a port may take to answer.
const KNOCK: Duration = Duration::from_secs(2);

#[derive(Args)]
pub struct Command {
	/// The port of the node's Prometheus metrics.
	#[arg(long, value_name = "PORT", default_value_t = 9615, value_parser = super::from_one::<u16>)]
	prometheus_port: u16,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	context.out.now("looking");
	// A connection of its own: nothing waits for finality, which may be what is not well.
	let findings = match Chain::connect(&context.url).await {
		Ok(chain) => examine(&chain, &command, context).await,
		Err(error) => vec![wrong("node", &error)],
	};
	let problems = findings.iter().filter(|finding| finding.verdict == Verdict::Ill).count();
	let checks = findings.len();
	let mut lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
	if problems == 0 {
		lines.push("all is well".to_owned());
	}
	let objects: Vec<_> = findings.iter().map(object).collect();
	context.out.result(lines.join("\n"), json!({ "well": problems == 0, "findings": objects }));
	if problems == 0 {
		Ok(())
	} else {
		Err(Error::Unwell { problems, checks })
	}
}

fn object(finding: &Finding) -> Value {
	let verdict = match finding.verdict {
		Verdict::Well => "well",
		Verdict::Note => "note",
		Verdict::Ill => "wrong",
	};
	let remedy = (!finding.remedy.is_empty()).then_some(&finding.remedy);
	json!({ "subject": finding.subject, "verdict": verdict, "found": finding.found, "remedy": remedy })
}

/// What could not be looked at is not well.
fn wrong(subject: &str, error: &Error) -> Finding {
	let help = error.help().map(|help| help.to_string()).unwrap_or_default();
	Finding::ill(subject, error.to_string(), help)
}

/// A finding, or that it could not be had.
fn told(subject: &str, finding: Result<Finding>) -> Finding {
	finding.unwrap_or_else(|error| wrong(subject, &error))
}

async fn examine(chain: &Chain, command: &Command, context: &Context) -> Vec<Finding> {
	let mut findings = vec![told("node", node(chain, &context.url).await)];
	let sealed = chain.is_sealed().await;
	findings.push(told("sync", sync(chain).await));
	findings.push(told("blocks", blocks(chain, sealed).await));
	findings.push(told("finality", finality(chain).await));
	findings.push(told("clock", clock(chain, sealed).await));
	findings.extend(ports(chain, command, &context.url).await);
	findings.push(told("key", key(chain, context).await));
	findings.push(told("books", books(chain).await));
	match on_chain(chain).await {
		Ok(found) => findings.extend(found),
		Err(error) => findings.push(wrong("chain", &error)),
	}
	findings
}

async fn ask<T: serde::de::DeserializeOwned>(chain: &Chain, method: &str) -> Result<T> {
	chain.rpc().request::<T>(method, rpc_params![]).await.map_err(Error::node)
}

async fn node(chain: &Chain, url: &str) -> Result<Finding> {
	let name: String = ask(chain, "system_name").await?;
	let version: String = ask(chain, "system_version").await?;
	let of: String = ask(chain, "system_chain").await?;
	let (spec, spec_version) = chain.runtime_version().await?;
	Ok(Finding::well("node", format!("{name} {version} at {url}, chain {of}, runtime {spec} {spec_version}")))
}

async fn sync(chain: &Chain) -> Result<Finding> {
	let health: Value = ask(chain, "system_health").await?;
	let flag = |name: &str| health.get(name).and_then(Value::as_bool).unwrap_or(false);
	let peers = health.get("peers").and_then(Value::as_u64).unwrap_or(0);
	let health = Health {
		peers: usize::try_from(peers).unwrap_or(usize::MAX),
		should_have_peers: flag("shouldHavePeers"),
		syncing: flag("isSyncing"),
	};
	let state: Value = ask(chain, "system_syncState").await?;
	let highest = state.get("highestBlock").and_then(Value::as_u64);
	Ok(doctor::sync(health, chain.best_number().await?, highest))
}

async fn blocks(chain: &Chain, sealed: bool) -> Result<Finding> {
	let (before, start) = (chain.best_number().await?, Instant::now());
	let mut after = before;
	while after == before && start.elapsed() < LOOK {
		tokio::time::sleep(Duration::from_millis(200)).await;
		after = chain.best_number().await?;
	}
	Ok(doctor::blocks(before, after, start.elapsed().as_secs(), sealed))
}

async fn finality(chain: &Chain) -> Result<Finding> {
	let finalized = chain.finalized_number().await?;
	Ok(doctor::finality(chain.best_number().await?, finalized))
}

async fn clock(chain: &Chain, sealed: bool) -> Result<Finding> {
	let at = chain.best().await?;
	let here = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(Error::node)?;
	let block: u64 = chain::storage_as(&at, "Timestamp", "Now", vec![]).await?.unwrap_or(0);
	Ok(doctor::clock(block, u64::try_from(here.as_millis()).unwrap_or(u64::MAX), sealed))
}

/// Where the node listens for others, and whether somebody answers there.
async fn ports(chain: &Chain, command: &Command, url: &str) -> Vec<Finding> {
	let addresses = ask::<Vec<String>>(chain, "system_localListenAddresses").await.unwrap_or_default();
	let mut findings = Vec::new();
	match addresses.iter().find_map(|address| peer_port(address)) {
		Some(port) if answers(&host(url), port).await => {
			findings.push(Finding::well("P2P port", format!("{port} is open from here")));
		}
		Some(port) => findings.push(Finding::ill(
			"P2P port",
			format!("{port} does not answer from here"),
			"Let it through the firewall; without it other nodes cannot reach this one.",
		)),
		None => findings.push(Finding::note("P2P port", "the node tells of none")),
	}
	let port = command.prometheus_port;
	findings.push(if answers(&host(url), port).await {
		Finding::well("Prometheus port", format!("{port} is open from here"))
	} else {
		Finding::note(
			"Prometheus port",
			format!("{port} does not answer from here: closed, or another (--prometheus-port)"),
		)
	});
	findings
}

/// The TCP port in an address like `/ip4/192.168.0.2/tcp/30333/p2p/12D3...`.
fn peer_port(address: &str) -> Option<u16> {
	let mut parts = address.split('/');
	parts.find(|part| *part == "tcp")?;
	parts.next()?.parse().ok()
}

/// The host in `ws://host:port`.
fn host(url: &str) -> String {
	let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
	let authority = rest.split('/').next().unwrap_or(rest);
	match authority.strip_prefix('[') {
		Some(v6) => v6.split(']').next().unwrap_or(v6).to_owned(),
		None => authority.split(':').next().unwrap_or(authority).to_owned(),
	}
}

async fn answers(host: &str, port: u16) -> bool {
	let host = host.to_owned();
	let knock = tokio::task::spawn_blocking(move || {
		let mut addresses = (host.as_str(), port).to_socket_addrs().ok()?;
		addresses.find(|address| std::net::TcpStream::connect_timeout(address, KNOCK).is_ok())
	});
	knock.await.ok().flatten().is_some()
}

async fn key(chain: &Chain, context: &Context) -> Result<Finding> {
	let account = keys::id(&context.signer()?);
	let name = keys::display_name(&account);
	let known = name != account.to_string();
	let kind: Value = ask(chain, "system_chainType").await?;
	let development = matches!(kind.as_str(), Some("Development" | "Local"));
	let keel = Keel(free_keel(&chain.best().await?, &account).await?);
	Ok(doctor::signer(&name, keel, known, development))
}

/// What the chain says of its own books.
async fn books(chain: &Chain) -> Result<Finding> {
	let broken = chain::broken(&chain.best().await?).await?;
	Ok(doctor::books(&broken))
}

async fn on_chain(chain: &Chain) -> Result<Vec<Finding>> {
	let at: AtBlock = chain.best().await?;
	let mut findings = vec![doctor::safe_mode(pause::safe_mode_until(&at).await?)];
	findings.extend(pause::paused(&at).await?.iter().map(|(call, until)| doctor::paused(call, *until)));
	findings.extend(oracle::feeds(&at).await?.iter().map(doctor::price));
	for market in exchange::markets(&at).await? {
		let standing = pause::standing(&at, market.id).await?;
		findings.push(doctor::market(&market, standing.as_ref()));
	}
	Ok(findings)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn hosts_and_ports_are_found_in_addresses() {
		for (url, expected) in [
			("ws://127.0.0.1:9944", "127.0.0.1"),
			("wss://rpc.example.org/path", "rpc.example.org"),
			("ws://[::1]:9944", "::1"),
		] {
			assert_eq!(host(url), expected);
		}
		assert_eq!(peer_port("/ip4/10.0.0.2/tcp/30333/p2p/12D3KooW"), Some(30_333));
		assert_eq!(peer_port("/ip4/10.0.0.2/udp/30333"), None);
	}

	#[test]
	fn what_cannot_be_looked_at_is_not_well() {
		let error = Error::NoNode { url: "ws://x".to_owned(), reason: "refused".to_owned() };
		let finding = told("node", Err(error));
		assert!(finding.verdict == Verdict::Ill && finding.remedy.contains("scripts/dev"), "{finding}");
	}
}
