// Insights as an agent would write them: no two alike, about a hundred words of a codebase's folklore.
const parts = ['auth', 'billing', 'search', 'upload', 'webhook', 'scheduler', 'export', 'session', 'cache', 'mailer'];
const faults = [
  'times out after the second retry when the upstream answers with an empty body',
  'drops the last row of a page whose size is a multiple of the batch',
  'holds its transaction open while it waits for the lock of another tenant',
  'reads the clock of the host although the database decides when a lease ends',
  'treats a missing header like an empty one, so the signature check passes on both',
  'keeps the old connection string after a failover until the pool is drained',
  'counts a cancelled job as failed, which makes the alert fire every night',
  'normalises paths before it resolves links, and so misses moved folders',
];
const cures = [
  'give the call its own deadline and make the handler idempotent before you retry it',
  'compare by key rather than by position, and add the boundary case to the fixtures',
  'commit first and enqueue afterwards; the sweep finds whatever the queue has lost',
  'take the time from the statement itself, never from the process that sends it',
  'reject at the edge with a typed error that names the header and its expected form',
  'close idle clients on the reload signal and let the balancer pick the new primary',
];

/** @returns the arguments of the insight tool */
export function makeInsight(i) {
  const part = parts[i % parts.length];
  const fault = faults[Math.floor(i / 7) % faults.length];
  const cure = cures[Math.floor(i / 3) % cures.length];
  const content = [
    `Ticket${i} The ${part} service ${fault}.`,
    `It showed in build ${1000 + i * 3} of shard ${i % 17}, file src/${part}/handler-${i}.ts, function resolve${part}${i}.`,
    `What helped: ${cure}. Before that we had tried a longer time-out and a second worker, and neither changed the`,
    `failure rate of about ${(i * 37) % 100} per thousand requests. The dashboard panel number ${i} shows it.`,
  ].join(' ');
  return { content, key: `proof-${i}`, tags: [part] };
}
