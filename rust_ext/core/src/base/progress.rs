//! How a long call talks to its caller: the types of the callbacks.

use crate::base::error::Error;

/// Says whether to go on. It is called every few milliseconds, in the thread of the caller.
pub type KeepGoing<'a> = &'a mut dyn FnMut() -> bool;

/// Receives the part of the work that is done, from 0 to 1, and says whether to go on.
pub type Watch<'a> = &'a mut dyn FnMut(f64) -> bool;

/// Asks whether to go on. If the answer is no, it returns the error [`Error::Interrupted`].
pub(crate) fn ask(keep_going: KeepGoing) -> Result<(), Error> {
    if keep_going() { Ok(()) } else { Err(Error::Interrupted) }
}
