#pragma once
// What the process takes from the system for `new`, beyond what it holds at the moment.

namespace matou::core {

/// Once, at a program's start: buffers of a tile's size are taken from what earlier tiles gave back, instead of fresh
/// pages that the system must clear each time (a fifth of a city tile's decoding). What lies free meanwhile goes by
/// returnFreeMemory.
void keepFreedMemory();

/// Gives the system what lies free in all heaps. Some milliseconds for 100 MB, and other threads' `new` may wait for a
/// part of that: for a moment of rest. Thread: any but a frame's.
void returnFreeMemory();

} // namespace matou::core
