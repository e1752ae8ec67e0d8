/** Between two reports of progress, in ms. */
const PROGRESS_MS = 100;

/** Long work may be done in many small steps: not each is reported. */
export function atIntervals<Progress>(report: (progress: Progress) => void): (progress: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    report(progress);
  };
}
