import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version of the image in docker-compose.yml. Providers of configuration are numbered on their own. */
const VERSION = 'v0.144.0';
const PROVIDERS_VERSION = 'v1.50.0';

/** What otel-collector-config.yaml uses, and the ways to give it and to override it. */
const MANIFEST = `dist:
  name: otelcol
  output_path: build
receivers:
  - gomod: go.opentelemetry.io/collector/receiver/otlpreceiver ${VERSION}
processors:
  - gomod: go.opentelemetry.io/collector/processor/batchprocessor ${VERSION}
  - gomod: go.opentelemetry.io/collector/processor/memorylimiterprocessor ${VERSION}
exporters:
  - gomod: go.opentelemetry.io/collector/exporter/debugexporter ${VERSION}
  - gomod: go.opentelemetry.io/collector/exporter/otlpexporter ${VERSION}
providers:
  - gomod: go.opentelemetry.io/collector/confmap/provider/envprovider ${PROVIDERS_VERSION}
  - gomod: go.opentelemetry.io/collector/confmap/provider/fileprovider ${PROVIDERS_VERSION}
  - gomod: go.opentelemetry.io/collector/confmap/provider/yamlprovider ${PROVIDERS_VERSION}
`;

/** The version of Go, or undefined without Go. */
export function findGo(): string | undefined {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Builds a real OpenTelemetry Collector by its own builder: about two minutes of one core, once. The binary is kept in
 * the user's cache.
 * @returns the path of the binary
 */
export async function buildCollector(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'popstash-tests', `otelcol-${VERSION}`);
  const binary = join(folder, 'otelcol');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'builder.yaml'), MANIFEST);
  const env = { ...process.env, GOBIN: folder, CGO_ENABLED: '0' };
  await run('go', ['install', `go.opentelemetry.io/collector/cmd/builder@${VERSION}`], { cwd: folder, env });
  await run(join(folder, 'builder'), ['--config=builder.yaml'], { cwd: folder, env, maxBuffer: 64 << 20 });
  // Only a whole binary gets the name that is looked for.
  renameSync(join(folder, 'build', 'otelcol'), binary);
  return binary;
}
