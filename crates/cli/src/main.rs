//! The `homeostat` command.
fn main() {}
