import { join } from 'node:path';
import { isReceiverUrl } from '../../receiver-address.js';
import type { JsonSettings, TelemetryFile, TelemetryPlaces, TomlSettings } from '../definition/telemetry-file.js';

/** Events are sent this often, in ms, so that a cost is known soon after its request. */
const EXPORT_INTERVAL_MS = 1_000;

const EVENTS_ENDPOINT = 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT';
/** Where Claude Code sends events is said by these. Its metrics may go elsewhere all the same. */
const EVENTS = ['OTEL_LOGS_EXPORTER', EVENTS_ENDPOINT];

/** Claude Code heeds the variables of its environment and of the user's settings, which come first; none of a project's. */
function claudeCode({ home, env, url }: TelemetryPlaces): JsonSettings {
  const folder = env.CLAUDE_CONFIG_DIR ?? join(home, '.claude');
  return {
    title: 'Claude Code',
    folder,
    path: join(folder, 'settings.json'),
    kind: 'json',
    field: 'env',
    values: {
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      [EVENTS_ENDPOINT]: `${url}/v1/logs`,
      OTEL_LOGS_EXPORT_INTERVAL: String(EXPORT_INTERVAL_MS),
    },
    elsewhere(present) {
      const set = { ...env, ...present };
      const name = EVENTS.find((candidate) => set[candidate] !== undefined);
      if (name === undefined || isReceiverUrl(set[EVENTS_ENDPOINT])) return null;
      return `${name} is set ${present[name] === undefined ? 'in the environment' : 'in "env"'}`;
    },
  };
}

/** Codex sends no prompts unless another setting says so. */
function codex({ home, env, url }: TelemetryPlaces): TomlSettings {
  const folder = env.CODEX_HOME ?? join(home, '.codex');
  return {
    title: 'Codex',
    folder,
    path: join(folder, 'config.toml'),
    kind: 'toml',
    table: 'otel',
    key: 'exporter',
    line: `exporter = { otlp-http = { endpoint = "${url}/v1/logs", protocol = "json" } }`,
  };
}

/** Gemini CLI sends all signals to one address. */
function geminiCli({ home, env, url }: TelemetryPlaces): JsonSettings {
  const folder = join(env.GEMINI_CLI_HOME ?? home, '.gemini');
  return {
    title: 'Gemini CLI',
    folder,
    path: join(folder, 'settings.json'),
    kind: 'json',
    field: 'telemetry',
    values: { enabled: true, target: 'local', otlpEndpoint: url, otlpProtocol: 'http', logPrompts: false },
    elsewhere({ enabled, target, otlpEndpoint, outfile }) {
      if (otlpEndpoint !== undefined && otlpEndpoint !== '' && !isReceiverUrl(otlpEndpoint)) {
        return 'otlpEndpoint is set in "telemetry"';
      }
      if (outfile !== undefined && outfile !== '') return 'outfile is set in "telemetry"';
      return enabled === true && target === 'gcp' ? 'target is gcp in "telemetry"' : null;
    },
  };
}

/** The clients of `listTelemetryFiles`, for people. */
export function listMeasuredTitles(): string {
  return listTelemetryFiles({ home: '', env: {}, url: '' })
    .map(({ title }) => title)
    .join(', ');
}

/** The settings of every client that tells its requests by telemetry. */
export function listTelemetryFiles(places: TelemetryPlaces): TelemetryFile[] {
  return [claudeCode(places), codex(places), geminiCli(places)];
}
