// docker/signoz/dashboard.json asks for what PopStash sends: metrics and attributes that its instruments have, in a layout
// that SigNoz takes.
import { AggregationTemporality, DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/telemetry/create-metrics.js';
import { readRepositoryFile } from '../support/setup/repository-files.js';

interface Query {
  name: string;
  signal: 'metrics' | 'traces';
  aggregations: {
    metricName?: string;
    timeAggregation?: string;
    spaceAggregation?: string;
    reduceTo?: string;
    expression?: string;
  }[];
  groupBy: { name: string }[];
  filter: { expression: string };
}

interface Panel {
  spec: {
    display: { name: string };
    plugin: { kind: string };
    queries: { kind: string; spec: { plugin: { kind: string; spec: Query | { query: string } } } }[];
  };
}

interface Dashboard {
  schemaVersion: string;
  name: string;
  spec: {
    panels: Record<string, Panel>;
    layouts: {
      spec: { items: { x: number; y: number; width: number; height: number; content: { $ref: string } }[] };
    }[];
  };
}

const GRID_COLUMNS = 12;
const dashboard = JSON.parse(readRepositoryFile('docker/signoz/dashboard.json')) as Dashboard;
const panels = Object.entries(dashboard.spec.panels);

const plugins = panels.flatMap(([id, panel]) =>
  panel.spec.queries.map(({ kind, spec: { plugin } }) => ({ id, kind, plugin })),
);
const queries = plugins.flatMap(({ id, kind, plugin: { spec } }) =>
  'query' in spec ? [] : [{ id, kind, query: spec }],
);
/** Percentiles of exponential histograms, which the query builder of SigNoz v0.136 can't make. */
const statements = plugins.flatMap(({ id, plugin: { spec } }) => ('query' in spec ? [{ id, sql: spec.query }] : []));

/** A metric as SigNoz stores it: durations are exponential histograms, whose counts are a metric of their own. */
interface Sent {
  type: DataPointType;
  attributes: Set<string>;
}

const sent = new Map<string, Sent>();

class ManualReader extends MetricReader {
  protected override onShutdown = () => Promise.resolve();
  protected override onForceFlush = () => Promise.resolve();
}

/** Every instrument is used once, with all of its attributes. */
beforeAll(async () => {
  const reader = new ManualReader({
    aggregationTemporalitySelector: () => AggregationTemporality.DELTA,
  });
  const provider = new MeterProvider({ readers: [reader] });
  const metrics = createMetrics(provider.getMeter('test'));
  metrics.toolCalled(1, { tool: 'stash', transport: 'pipe', errorType: 'tool_error' });
  metrics.lockWaited(1, 'granted');
  metrics.lockGranted('lock-1');
  metrics.lockEnded('lock-1', 'release');
  metrics.searchDegraded('meaning');
  metrics.jobFailed('embedding');
  metrics.passageEmbedded(1);
  const usage = { tokens: { input: 1 }, model: 'claude-opus-4-5', client: 'claude-code', grade: 'transcript' };
  metrics.recordUsage({ ...usage, costUsd: 1 });
  metrics.recordUsage({ ...usage, costUsd: null });
  metrics.observeQueue('embedding', async () => ({
    depth: { waiting: 1, active: 0, delayed: 0, failed: 0 },
    oldestMs: 1,
  }));
  metrics.observeAgents(async () => 1);
  const { resourceMetrics, errors } = await reader.collect();
  expect(errors).toEqual([]);
  for (const { descriptor, dataPointType: type, dataPoints } of resourceMetrics.scopeMetrics.flatMap(
    (scope) => scope.metrics,
  )) {
    const attributes = new Set(dataPoints.flatMap((point) => Object.keys(point.attributes)));
    sent.set(descriptor.name, { type, attributes });
    if (type === DataPointType.HISTOGRAM) {
      sent.set(`${descriptor.name}.count`, { type: DataPointType.SUM, attributes });
    }
  }
  await provider.shutdown();
});

test('has what SigNoz requires of a dashboard', () => {
  expect(dashboard.schemaVersion).toBe('v6');
  expect(dashboard.name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
  expect(panels.map(([, panel]) => panel.spec.queries.length)).toEqual(panels.map(() => 1));
  // A value per row or in all needs to be told how to come from a series.
  const unreduced = queries.filter(
    ({ kind, query }) =>
      kind === 'scalar' &&
      query.signal === 'metrics' &&
      query.aggregations.some(({ reduceTo }) => reduceTo === undefined),
  );
  expect(unreduced).toEqual([]);
});

test('places each panel once, on the grid, none over another', () => {
  const items = dashboard.spec.layouts.map((layout) => layout.spec.items);
  const placed = items.flat().map(({ content }) => content.$ref.replace('#/spec/panels/', ''));
  expect(placed.toSorted()).toEqual(panels.map(([id]) => id).toSorted());
  for (const section of items) {
    const cells = section.flatMap(({ x, y, width, height }) => {
      expect(x + width).toBeLessThanOrEqual(GRID_COLUMNS);
      return Array.from({ length: width * height }, (_, n) => `${x + (n % width)}:${y + Math.floor(n / width)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  }
});

describe('metrics', () => {
  const ofMetrics = queries.filter(({ query }) => query.signal === 'metrics');

  test('every metric that a panel asks for is sent, with the attributes that it groups and filters by', () => {
    const missing = ofMetrics.flatMap(({ id, query }) => {
      const filtered = query.filter.expression.match(/^[\w.]+/)?.[0];
      const wanted = [...query.groupBy.map(({ name }) => name), ...(filtered ? [filtered] : [])];
      return query.aggregations.flatMap(({ metricName = '' }) => {
        const metric = sent.get(metricName);
        if (!metric) return [`${id}: ${metricName}`];
        return wanted.filter((name) => !metric.attributes.has(name)).map((name) => `${id}: ${metricName} by ${name}`);
      });
    });
    expect(missing).toEqual([]);
  });

  test('statements read sketches of histograms that are sent, by attributes that they have', () => {
    const missing = statements.flatMap(({ id, sql }) => {
      expect(sql, id).toContain('distributed_exp_hist');
      const names = [...new Set([...sql.matchAll(/metric_name = '([^']+)'/g)].map(([, name = '']) => name))];
      const wanted = [...sql.matchAll(/JSONExtractString\(labels, '([^']+)'\)/g)].map(([, name = '']) => name);
      return names.flatMap((name) => {
        const metric = sent.get(name);
        if (metric?.type !== DataPointType.HISTOGRAM) return [`${id}: ${name}`];
        return wanted.filter((key) => !metric.attributes.has(key)).map((key) => `${id}: ${name} by ${key}`);
      });
    });
    expect(missing).toEqual([]);
    expect(statements).not.toEqual([]);
  });

  test('each is aggregated as its type allows', () => {
    const wrong = ofMetrics.filter(({ query }) =>
      query.aggregations.some(({ metricName = '', timeAggregation, spaceAggregation }) => {
        // Several processes report the same gauge: their sum would count it twice.
        const wanted = sent.get(metricName)?.type === DataPointType.GAUGE ? ['latest', 'max'] : ['increase', 'sum'];
        return timeAggregation !== wanted[0] || spaceAggregation !== wanted[1];
      }),
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('every metric that is sent has a panel', () => {
    const shown = new Set(ofMetrics.flatMap(({ query }) => query.aggregations.map(({ metricName }) => metricName)));
    const isShown = (name: string) => shown.has(name) || statements.some(({ sql }) => sql.includes(`'${name}'`));
    const unseen = [...sent.keys()].filter((name) => !name.endsWith('.count') && !isShown(name));
    expect(unseen).toEqual([]);
  });
});
