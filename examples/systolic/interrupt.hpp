#pragma once
// Ctrl-C during a long batch: what was begun is finished and printed, and nothing new is begun.

namespace program {

/// From here on the first SIGINT or SIGTERM only asks to stop; the second ends the program at once.
void stop_on_interrupt();

/// True once the program was asked to stop.
bool interrupted() noexcept;

/// The exit status of a program that was interrupted, as shells count it: 128 + the signal's number.
int interrupted_status() noexcept;

}  // namespace program
