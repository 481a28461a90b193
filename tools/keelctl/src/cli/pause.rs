use super::Context;
use clap::Args;
use keelctl::Result;

#[derive(Args)]
pub struct Pause {}
#[derive(Args)]
pub struct Resume {}
pub async fn pause(_command: Pause, _context: &Context) -> Result<()> {
	Ok(())
}
pub async fn resume(_command: Resume, _context: &Context) -> Result<()> {
	Ok(())
}
