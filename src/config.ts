import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './errors.js';
import { findPackage } from './package-root.js';

/** Limits and times that are the same for every installation (product.md, Limits and defaults). */
export const LIMITS = {
  /** Largest text of one argument, in UTF-8 bytes. */
  maxTextBytes: 256 * 1024,
  /** A query's vector is awaited this long before the answer is lexical only, in ms. */
  queryDeadlineMs: 250,
  /** Statement and connection time-outs, in ms. */
  databaseTimeoutMs: 2_000,
  /** An enqueue is given up after this long, in ms: the sweep finds the row later. */
  enqueueTimeoutMs: 500,
  /** Heartbeat of a front process, and the silence after which its agent is dead, in seconds. */
  heartbeatSeconds: 30,
  deadAfterSeconds: 90,
  /** Forgotten rows can be restored for this many days, then they are purged. */
  forgottenDays: 30,
} as const;

const environmentSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  POPSTASH_DATA_DIR: z.string().min(1).optional(),
  POPSTASH_PROJECT: z.string().min(1).max(200).optional(),
  POPSTASH_LOCK_EXPIRY_MINUTES: z.coerce.number().int().min(1).max(1440).default(15),
  POPSTASH_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(10),
  POPSTASH_IDLE_MINUTES: z.coerce.number().min(0.01).max(10_080).default(30),
  POPSTASH_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug', 'trace']).default('warn'),
  POPSTASH_MODEL_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  POPSTASH_DASHBOARD_PORT: z.coerce.number().int().min(0).max(65_535).default(4410),
  POPSTASH_DASHBOARD_HOST: z.string().min(1).default('127.0.0.1'),
  POPSTASH_DASHBOARD_TOKEN: z.string().min(16).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  OTEL_SERVICE_NAME: z.string().min(1).default('popstash'),
  OTEL_SDK_DISABLED: z.stringbool().default(false),
  XDG_DATA_HOME: z.string().optional(),
  LOCALAPPDATA: z.string().optional(),
});

export interface Config {
  mode: 'embedded' | 'server';
  version: string;
  packageRoot: string;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  /** Embedded data, socket and log. */
  dataDir: string;
  /** POPSTASH_PROJECT: names the project instead of the folder. */
  project: string | undefined;
  lockExpiryMinutes: number;
  poolSize: number;
  /** The embedded server ends after this long without a client. */
  idleMinutes: number;
  logLevel: string;
  /** Slows the model by this much a text: for trials of a slow model only. */
  modelDelayMs: number;
  dashboard: { host: string; port: number; token: string | undefined };
  telemetry: { tracesUrl: string; serviceName: string } | undefined;
}

/**
 * Turns the environment into a typed configuration. Unset is always fine.
 * @throws AppError `invalid_argument` naming the variable and what it should be.
 */
export function parseConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable is an unset one: compose files and shells produce them all the time.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? 'the environment');
    throw new AppError({
      code: 'invalid_argument',
      message: `${name} is not usable: ${issue?.message ?? 'unknown'}`,
      fix: `Correct or unset ${name}; docs/configuration in the README lists every variable.`,
    });
  }
  const e = parsed.data;
  const pkg = findPackage();
  const traces =
    e.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (e.OTEL_EXPORTER_OTLP_ENDPOINT && `${e.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, '')}/v1/traces`);
  return {
    mode: e.DATABASE_URL ? 'server' : 'embedded',
    version: pkg.version,
    packageRoot: pkg.root,
    databaseUrl: e.DATABASE_URL,
    redisUrl: e.DATABASE_URL ? e.REDIS_URL : undefined,
    dataDir: resolve(e.POPSTASH_DATA_DIR ?? defaultDataDir(e)),
    project: e.POPSTASH_PROJECT,
    lockExpiryMinutes: e.POPSTASH_LOCK_EXPIRY_MINUTES,
    poolSize: e.POPSTASH_POOL_SIZE,
    idleMinutes: e.POPSTASH_IDLE_MINUTES,
    logLevel: e.POPSTASH_LOG_LEVEL,
    modelDelayMs: e.POPSTASH_MODEL_DELAY_MS,
    dashboard: { host: e.POPSTASH_DASHBOARD_HOST, port: e.POPSTASH_DASHBOARD_PORT, token: e.POPSTASH_DASHBOARD_TOKEN },
    telemetry: traces && !e.OTEL_SDK_DISABLED ? { tracesUrl: traces, serviceName: e.OTEL_SERVICE_NAME } : undefined,
  };
}

function defaultDataDir(env: { XDG_DATA_HOME?: string | undefined; LOCALAPPDATA?: string | undefined }): string {
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'popstash');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'popstash');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'popstash');
}
