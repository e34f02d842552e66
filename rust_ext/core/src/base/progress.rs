//! How a long call talks to its caller: the types of the callbacks.

use crate::base::error::Error;

/// Says whether to go on. It is asked every few milliseconds, from the thread that the caller called from.
pub type KeepGoing<'a> = &'a mut dyn FnMut() -> bool;

/// Is told which part of the work is done, from 0 to 1, and says whether to go on.
pub type Watch<'a> = &'a mut dyn FnMut(f64) -> bool;

/// Asks whether to go on; a no is the error [`Error::Interrupted`].
pub(crate) fn ask(keep_going: KeepGoing) -> Result<(), Error> {
    if keep_going() { Ok(()) } else { Err(Error::Interrupted) }
}
