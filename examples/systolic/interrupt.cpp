#include "interrupt.hpp"

#include <atomic>
#include <csignal>

namespace program {
namespace {

std::atomic<int> signal_number{0};
static_assert(std::atomic<int>::is_always_lock_free);  // a signal handler may touch nothing else

extern "C" void remember(int number) { signal_number = number; }

}  // namespace

void stop_on_interrupt() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
}

bool interrupted() noexcept { return signal_number != 0; }

int interrupted_status() noexcept { return 128 + signal_number; }

}  // namespace program
