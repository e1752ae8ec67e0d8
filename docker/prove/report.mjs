// The transcript of a proof: one line a finding.
const findings = { held: 0, broken: 0 };
const started = performance.now();

/** Prints what was seen. */
export function report(name, value) {
  const seconds = ((performance.now() - started) / 1_000).toFixed(0).padStart(4);
  console.log(`${seconds} s  ${name}: ${value}`);
}

/** Prints what was seen and whether it is as it must be. */
export function check(name, value, holds) {
  findings[holds ? 'held' : 'broken'] += 1;
  report(name, `${value}  ${holds ? 'ok' : 'NOT AS IT MUST BE'}`);
}

/** @returns the exit code */
export function summarise() {
  console.log(`\n${findings.held} held, ${findings.broken} broken`);
  return findings.broken === 0 && findings.held > 0 ? 0 : 1;
}
