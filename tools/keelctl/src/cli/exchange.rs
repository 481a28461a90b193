use super::Context;
use clap::Subcommand;
use keelctl::Result;

#[derive(Subcommand)]
pub enum Command {}
pub async fn run(command: Command, _context: &Context) -> Result<()> {
	match command {}
}
