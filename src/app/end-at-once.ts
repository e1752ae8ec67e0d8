/**
 * Ends this process without running what Node does at an exit. That waits for the threads that read files, and with the C
 * library of Debian 12 it may wait for ever: a wake-up between threads can be lost (glibc before 2.41, sourceware.org bug
 * 25847), while the process still holds its socket and its data folder. All that has to be closed is closed before.
 * @param isFailure by SIGKILL; otherwise as if SIGTERM had asked for it, which supervisors take for a proper end
 */
export function endAtOnce(isFailure: boolean): void {
  if (isFailure) process.kill(process.pid, 'SIGKILL');
  // Without a listener the system ends the process, in the midst of this call.
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}
