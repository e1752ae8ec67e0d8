import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '../../config.js';
import { isReceiverUrl } from '../../receiver-address.js';
import { editJson, readJson, removeEmptyJson, removeFromJson, removeJson, setJson } from './edit-json.js';
import type { Target } from './install-types.js';

/** Events are sent this often, in ms, so that a cost is known soon after its request. */
const EXPORT_INTERVAL_MS = 1_000;

const CLAUDE_ENDPOINT = 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT';
/** Where Claude Code sends events is said by these. Its metrics may go elsewhere all the same. */
const CLAUDE_EVENTS = ['OTEL_LOGS_EXPORTER', CLAUDE_ENDPOINT];

/**
 * Claude Code takes its telemetry's settings from the variables of the environment or of its settings, which come first.
 * @throws from `add`: Error when its events go elsewhere
 */
export function claudeTelemetry(path: string, url: string, env: Environment): Target {
  const variables = {
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
    [CLAUDE_ENDPOINT]: `${url}/v1/logs`,
    OTEL_LOGS_EXPORT_INTERVAL: String(EXPORT_INTERVAL_MS),
  };
  return jsonTarget(path, 'env', variables, (present) => {
    const set = { ...env, ...present };
    const name = CLAUDE_EVENTS.find((candidate) => set[candidate] !== undefined);
    return name === undefined || isReceiverUrl(set[CLAUDE_ENDPOINT]) ? null : `${name} is set`;
  });
}

/** Gemini CLI sends all signals to one address. @throws from `add`: Error when they go elsewhere */
export function geminiTelemetry(path: string, url: string): Target {
  const settings = { enabled: true, target: 'local', otlpEndpoint: url, otlpProtocol: 'http', logPrompts: false };
  return jsonTarget(path, 'telemetry', settings, ({ enabled, target, otlpEndpoint, outfile }) => {
    if (otlpEndpoint !== undefined && otlpEndpoint !== '' && !isReceiverUrl(otlpEndpoint)) return 'otlpEndpoint is set';
    if (outfile !== undefined && outfile !== '') return 'outfile is set';
    return enabled === true && target === 'gcp' ? 'target is gcp' : null;
  });
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Fields of an object in a JSON file.
 * @param elsewhere says why the file must be left alone, from the fields that are there
 */
function jsonTarget(
  path: string,
  field: string,
  fields: Fields,
  elsewhere: (present: Fields) => string | null,
): Target {
  return {
    path,
    isExecutable: false,
    add: (before) =>
      editJson(before, (text) => {
        const present = (readJson(text, [field]) ?? {}) as Fields;
        const reason = elsewhere(present);
        if (reason !== null)
          throw new Error(`its telemetry goes elsewhere: ${reason} in "${field}" or the environment`);
        return Object.entries(fields).reduce((edited, [name, value]) => setJson(edited, [field, name], value), text);
      }),
    remove: (content) =>
      removeFromJson(content, (text) => {
        const present = (readJson(text, [field]) ?? {}) as Fields;
        if (!Object.values(present).some(isReceiverUrl)) return text;
        const own = Object.entries(fields).filter(
          ([name, value]) => isReceiverUrl(present[name]) || isDeepStrictEqual(present[name], value),
        );
        return removeEmptyJson(
          own.reduce((edited, [name]) => removeJson(edited, [field, name]), text),
          [field],
        );
      }),
  };
}
