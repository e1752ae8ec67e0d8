import type { Meter } from '@opentelemetry/api';
import { LRUCache } from 'lru-cache';
import type { Metrics } from './metric-types.js';

const SECOND_MS = 1_000;
/** Locks whose grant is remembered. */
const MAX_HELD = 10_000;

/**
 * All instruments, made once. Units are UCUM; durations are in seconds, as the semantic conventions want them, and their
 * histograms exponential (views in create-pipelines.ts).
 */
export function createMetrics(meter: Meter): Metrics {
  const calls = meter.createHistogram('mcp.server.operation.duration', {
    unit: 's',
    description: 'Time from a request to its answer.',
  });
  const waits = meter.createHistogram('pop_stash.lock.wait.duration', {
    unit: 's',
    description: 'Time from a request for locks to its decision, waiting in the queue included.',
  });
  const degradations = meter.createCounter('pop_stash.search.degradations', {
    unit: '{search}',
    description: 'Searches that answered without one of their parts.',
  });
  const failures = meter.createCounter('pop_stash.queue.failures', {
    unit: '{attempt}',
    description: 'Attempts of jobs that failed.',
  });
  const lag = meter.createHistogram('pop_stash.embedding.lag', {
    unit: 's',
    description: 'Time from the writing of a passage to its vector.',
  });
  return {
    toolCalled: (ms, { tool, transport, errorType }) =>
      calls.record(ms / SECOND_MS, {
        'mcp.method.name': 'tools/call',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool,
        'network.transport': transport,
        ...(errorType !== undefined && { 'error.type': errorType }),
      }),
    lockWaited: (ms, outcome) => waits.record(ms / SECOND_MS, { 'lock.outcome': outcome }),
    searchDegraded: (part) => degradations.add(1, { 'search.part': part }),
    jobFailed: (queue) => failures.add(1, { 'messaging.destination.name': queue }),
    passageEmbedded: (ms) => lag.record(Math.max(ms, 0) / SECOND_MS),
    ...createHolds(meter),
    ...createUsage(meter),
    ...createObserved(meter),
  };
}

function createHolds(meter: Meter): Pick<Metrics, 'lockGranted' | 'lockEnded'> {
  const holds = meter.createHistogram('pop_stash.lock.hold.duration', {
    unit: 's',
    description: 'Time from the grant of a lock to its end, where one process sees both.',
  });
  const grantedAt = new LRUCache<string, number>({ max: MAX_HELD });
  return {
    lockGranted: (lockId) => void grantedAt.set(lockId, performance.now()),
    lockEnded(lockId, event) {
      const since = grantedAt.get(lockId);
      if (since === undefined) return;
      grantedAt.delete(lockId);
      holds.record((performance.now() - since) / SECOND_MS, { 'lock.end': event });
    },
  };
}

function createUsage(meter: Meter): Pick<Metrics, 'recordUsage'> {
  const tokens = meter.createCounter('pop_stash.usage.tokens', {
    unit: '{token}',
    description: 'Tokens of requests to models, by class.',
  });
  const cost = meter.createCounter('pop_stash.usage.cost', {
    unit: '{USD}',
    description: 'Cost of priced requests to models, in US dollars.',
  });
  const unpriced = meter.createCounter('pop_stash.usage.unpriced', {
    unit: '{request}',
    description: 'Requests to models that have no price.',
  });
  return {
    recordUsage({ tokens: byClass, costUsd, model, client, grade }) {
      const attributes = { 'gen_ai.request.model': model, 'usage.client': client, 'usage.grade': grade };
      for (const [type, count] of Object.entries(byClass)) {
        if (count > 0) tokens.add(count, { ...attributes, 'gen_ai.token.type': type });
      }
      if (costUsd === null) unpriced.add(1, attributes);
      else cost.add(costUsd, attributes);
    },
  };
}

function createObserved(meter: Meter): Pick<Metrics, 'observeQueue' | 'observeAgents'> {
  const depth = meter.createObservableGauge('pop_stash.queue.depth', {
    unit: '{job}',
    description: 'Jobs in a queue by state, as one of its workers reads them.',
  });
  const age = meter.createObservableGauge('pop_stash.queue.oldest.age', {
    unit: 's',
    description: 'Age of the oldest job that waits in a queue; 0 without one.',
  });
  const agents = meter.createObservableGauge('pop_stash.agents.live', {
    unit: '{agent}',
    description: 'Agents that are connected.',
  });
  return {
    observeQueue(queue, read) {
      const destination = { 'messaging.destination.name': queue };
      const observe: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
        const state = await read();
        for (const [name, jobs] of Object.entries(state.depth)) {
          result.observe(depth, jobs, { ...destination, 'job.state': name });
        }
        result.observe(age, state.oldestMs / SECOND_MS, destination);
      };
      meter.addBatchObservableCallback(observe, [depth, age]);
      return () => meter.removeBatchObservableCallback(observe, [depth, age]);
    },
    observeAgents(read) {
      const observe: Parameters<typeof agents.addCallback>[0] = async (result) => result.observe(await read());
      agents.addCallback(observe);
      return () => agents.removeCallback(observe);
    },
  };
}
