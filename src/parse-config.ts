import * as z from 'zod';
import { type Config, chooseClientPlaces, chooseDataDir, chooseMode, type Environment } from './config.js';
import { findUrlFault } from './database-url.js';
import { AppError } from './errors.js';
import { wordForAgents } from './hooks/install/launcher/command-here.js';
import { findPackage } from './package-root.js';
import { httpVariables, readHttp, readTeam } from './parse-http.js';
import { readTelemetry, telemetryVariables } from './parse-telemetry.js';
import { readRedisUrl } from './queue/read-redis-url.js';

const environmentSchema = z.object({
  DATABASE_URL: z.string().superRefine(refuseDatabaseUrl).optional(),
  REDIS_URL: z.string().superRefine(checkRedisUrl).optional(),
  POPSTASH_DATA_DIR: z.string().min(1).optional(),
  POPSTASH_PROJECT: z.string().min(1).max(200).optional(),
  POPSTASH_WORKTREES: z.enum(['warn', 'deny']).optional(),
  POPSTASH_PRICES: z.string().min(1).optional(),
  POPSTASH_RECEIVER_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  POPSTASH_TIMEZONE: z.string().refine(isTimezone, 'is no IANA time zone such as Europe/Berlin').optional(),
  POPSTASH_COST_DAYS: z.coerce.number().int().min(0).max(36_500).default(1_825),
  POPSTASH_ACTIVITY_DAYS: z.coerce.number().int().min(0).max(36_500).default(365),
  POPSTASH_LOCK_EXPIRY_MINUTES: z.coerce.number().min(0.02).max(1440).default(15),
  POPSTASH_GUARD: z.enum(['advisory', 'guarded', 'off']).default('advisory'),
  POPSTASH_POOL_SIZE: z.coerce.number().int().min(2).max(100).default(10),
  POPSTASH_IDLE_MINUTES: z.coerce.number().min(0.01).max(10_080).default(30),
  POPSTASH_MODEL_REST_MINUTES: z.coerce.number().min(0).max(10_080).default(5),
  POPSTASH_MODEL_RUNTIME: z.enum(['auto', 'native', 'wasm']).default('auto'),
  POPSTASH_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug', 'trace']).default('warn'),
  POPSTASH_MODEL_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(0),
  POPSTASH_DASHBOARD_PORT: z.coerce.number().int().min(0).max(65_535).default(4410),
  POPSTASH_DASHBOARD_HOST: z.string().min(1).default('127.0.0.1'),
  POPSTASH_DASHBOARD_TOKEN: z.string().min(16).optional(),
  ...telemetryVariables,
  ...httpVariables,
});

function refuseDatabaseUrl(text: string, context: z.RefinementCtx): void {
  const fault = findUrlFault(text);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
}

/** As the queue reads it; what is wrong repeats nothing of it, since it holds a password. */
function checkRedisUrl(url: string, context: z.RefinementCtx): void {
  try {
    readRedisUrl(url);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
}

/** Offsets are none: PostgreSQL would read them the other way round. */
function isTimezone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** Characters of a value that is repeated. */
const MAX_VALUE = 40;

/** What is wrong with a value. Only those are repeated that hold no password. */
function wordIssue(issue: z.core.$ZodIssue, value = ''): string {
  const given = JSON.stringify(value.slice(0, MAX_VALUE));
  switch (issue.code) {
    case 'invalid_value':
      return `${given} is none of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int' ? `${given} is no number` : issue.message;
    case 'too_small':
      return issue.origin === 'string'
        ? `it is shorter than ${issue.minimum} characters`
        : `${given} is less than ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `it is longer than ${issue.maximum} characters`
        : `${given} is more than ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/** Read elsewhere: by git's guards, and by the tests, figures and containers of this repository. */
const OTHER_VARIABLES = /^POPSTASH_(OVERRIDE$|(TEST|TRIAL|BENCH|DB|REDIS|PG|EMBEDDING|OTLP)_|TRIAL$)/;

/** Variables of PopStash that nothing reads: a name that is misspelt would be ignored in silence. */
export function listUnknownVariables(env: Environment): string[] {
  const isUnknown = (name: string) =>
    name.startsWith('POPSTASH_') && !(name in environmentSchema.shape) && !OTHER_VARIABLES.test(name);
  return Object.keys(env).filter(isUnknown).sort();
}

/**
 * Turns the environment into a typed configuration. Unset is always fine.
 * @throws AppError `invalid_argument` naming the variable and what it should be.
 */
export function parseConfig(env: Environment): Config {
  const parsed = environmentSchema.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? 'the environment');
    throw new AppError({
      code: 'invalid_argument',
      message: `${name} is not usable: ${issue ? wordIssue(issue, env[name]) : 'unknown'}`,
      fix: `Correct or unset ${name}; the README's configuration table lists every variable.`,
    });
  }
  const e = parsed.data;
  const pkg = findPackage();
  return {
    mode: chooseMode(env),
    version: pkg.version,
    packageRoot: pkg.root,
    databaseUrl: e.DATABASE_URL,
    redisUrl: e.DATABASE_URL ? e.REDIS_URL : undefined,
    dataDir: chooseDataDir(env),
    project: e.POPSTASH_PROJECT,
    worktrees: e.POPSTASH_WORKTREES,
    pricesFile: e.POPSTASH_PRICES,
    clientPlaces: chooseClientPlaces(env),
    receiverPort: e.POPSTASH_RECEIVER_PORT,
    timezone: e.POPSTASH_TIMEZONE,
    activityDays: e.POPSTASH_ACTIVITY_DAYS,
    costDays: e.POPSTASH_COST_DAYS,
    lockLifeSeconds: Math.ceil(e.POPSTASH_LOCK_EXPIRY_MINUTES * 60),
    poolSize: e.POPSTASH_POOL_SIZE,
    idleMinutes: e.POPSTASH_IDLE_MINUTES,
    modelRestMinutes: e.POPSTASH_MODEL_REST_MINUTES,
    modelRuntime: e.POPSTASH_MODEL_RUNTIME,
    logLevel: e.POPSTASH_LOG_LEVEL,
    modelDelayMs: e.POPSTASH_MODEL_DELAY_MS,
    dashboard: { host: e.POPSTASH_DASHBOARD_HOST, port: e.POPSTASH_DASHBOARD_PORT, token: e.POPSTASH_DASHBOARD_TOKEN },
    telemetry: readTelemetry(e),
    http: readHttp(e),
    team: readTeam(e),
    word: wordForAgents(env, pkg.root),
  };
}
