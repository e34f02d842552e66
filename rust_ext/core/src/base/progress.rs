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

/// Asks whether to go on once there has been enough work to ask.
pub(crate) struct Steps<'a> {
    keep_going: KeepGoing<'a>,
    /// How many products of words may pass before the next question.
    left: usize,
}

impl<'a> Steps<'a> {
    /// Products of words between two questions: about a millisecond.
    const PRODUCTS: usize = 1 << 20;

    /// Work about which nobody has been asked yet.
    pub(crate) fn new(keep_going: KeepGoing<'a>) -> Self {
        Self { keep_going, left: Self::PRODUCTS }
    }

    /// Take note of work, and ask if there has been enough of it.
    #[inline]
    pub(crate) fn take(&mut self, products: usize) -> Result<(), Error> {
        match self.left.checked_sub(products) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => self.ask(),
        }
    }

    /// Whom to ask, for work that asks by itself.
    pub(crate) fn keep_going(&mut self) -> KeepGoing<'_> {
        self.keep_going
    }

    #[cold]
    fn ask(&mut self) -> Result<(), Error> {
        self.left = Self::PRODUCTS;
        ask(self.keep_going)
    }
}
