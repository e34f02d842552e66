//! Code for 64-bit Arm, a folder for each level and in it a file for each room.

pub(crate) mod neon;
