//! The command `rebond`.

use std::process::ExitCode;

fn main() -> ExitCode {
    rebond::cli::main()
}
