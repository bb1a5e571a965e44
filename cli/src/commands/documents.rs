//! `connlint completions` and `connlint man`: made of the definition of the arguments, so that they cannot be wrong.

use std::path::Path;

use clap::CommandFactory as _;

use super::Done;
use crate::args::Arguments;
use crate::failure::{CLEAN, Failure};
use crate::output;

pub(super) fn completions(shell: clap_complete::Shell) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "connlint", &mut script);
    output::write(&String::from_utf8_lossy(&script)).map_err(|f| vec![f])?;
    Ok(CLEAN)
}

pub(super) fn man(directory: Option<&Path>) -> Done {
    let command = Arguments::command();
    if let Some(directory) = directory {
        clap_mangen::generate_to(command, directory)
            .map_err(|error| vec![Failure::File { path: directory.to_owned(), error }])?;
        return Ok(CLEAN);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(|error| vec![Failure::Output { error }])?;
    output::write(&String::from_utf8_lossy(&page)).map_err(|f| vec![f])?;
    Ok(CLEAN)
}
