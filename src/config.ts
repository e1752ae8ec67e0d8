import { isAbsolute, join, resolve } from 'node:path';
import { AppError } from './errors.js';
import { absolutePath, findHome, findPathFault } from './user-places.js';

/** The process's environment as it came: this file is its only reader. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment once; an empty variable is an unset one (compose files and shells produce them all the time). The
 * data folder is made absolute here, since what this process starts may run elsewhere.
 */
export function readEnvironment(): Environment {
  const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const { POPSTASH_DATA_DIR: dataDir } = env;
  if (dataDir !== undefined && findPathFault(dataDir) === null) env.POPSTASH_DATA_DIR = absolutePath(dataDir, env);
  return env;
}

/** The variables that are set: an environment for a child process. */
export function setVariables(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What git sets for the programs that it runs: a repository, an index, options. `git rev-parse --local-env-vars` lists most. */
const OF_A_RUNNING_GIT =
  /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX|CONFIG|CONFIG_PARAMETERS|CONFIG_COUNT|GRAFT_FILE|SHALLOW_FILE|IMPLICIT_WORK_TREE|EXTERNAL_DIFF|DIFF_OPTS|ATTR_SOURCE|TRACE.*)$/;

/** The environment of a git that reads the repository of the folder that it is run in, whatever git runs this process. */
export function gitVariables(env: Environment = readEnvironment()): Record<string, string> {
  const kept = Object.entries(setVariables(env)).filter(([name]) => !OF_A_RUNNING_GIT.test(name));
  return {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    LC_ALL: 'C',
  };
}

/** The user who called this process by `sudo`, by its number; null where nobody did. */
export function readSudoUser(): number | null {
  const said = process.env.SUDO_UID ?? '';
  return /^\d{1,10}$/.test(said) ? Number(said) : null;
}

/**
 * Onnxruntime reports its use to its makers unless this variable stands before it is loaded; nothing here may use the
 * network. Set for the whole process, since a thread's environment is a copy that native code does not see.
 */
export function silenceModelRuntime(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}

/**
 * Of glibc; other systems do not know them. One heap for all threads, of which its free end is given back, and whatever is
 * larger than 32 KB apart from it, so that it is given back when it is freed: otherwise glibc puts ever larger pieces into
 * the heap, where small ones behind them keep them. (Figure P6b: a quarter of a rested server, a third of the model.)
 */
const SMALL_MALLOC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(32 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(64 * 1024),
  MALLOC_TOP_PAD_: String(64 * 1024),
};

/**
 * The environment for a process of a data folder that is there all day: it gives back more of the memory that it has freed.
 * @param dataDir absolute, since the process runs elsewhere
 */
export function smallNodeEnvironment(dataDir: string): NodeJS.ProcessEnv {
  return { ...SMALL_MALLOC, ...process.env, POPSTASH_DATA_DIR: dataDir };
}

/**
 * The SDK of OpenTelemetry would obey OTEL_LOG_LEVEL with a logger of its own that writes to stdout, which belongs to the
 * protocol. Its complaints are in the log of popstash.
 */
export function silenceTelemetryConsole(): void {
  delete process.env.OTEL_LOG_LEVEL;
}

/** Where one signal goes. */
export interface SignalConfig {
  /** Of the signal: with /v1/traces and so on for HTTP, without a path for gRPC. */
  url: string;
  protocol: 'http/protobuf' | 'http/json' | 'grpc';
  /** One export, retries included, may take this long, in ms; then its data are dropped. */
  timeoutMs: number;
}

/** What OTEL_* says; a signal that is absent is off. Headers, certificates and the sampler are read by the SDK itself. */
export interface TelemetryConfig {
  /** Undefined: the resource attributes say it, else it is popstash. */
  serviceName?: string | undefined;
  traces?: SignalConfig | undefined;
  metrics?: SignalConfig | undefined;
  logs?: SignalConfig | undefined;
  /** Between two exports of metrics, in ms. */
  metricIntervalMs: number;
}

/** `server` when DATABASE_URL is set, else `embedded`. Free of zod, since the bridge starts through it. */
export function chooseMode(env: Environment): 'embedded' | 'server' {
  return env.DATABASE_URL ? 'server' : 'embedded';
}

/**
 * What happens when nobody can be asked whether a file is free: `advisory` lets it pass, `guarded` refuses it. Either
 * refuses what another agent is known to hold. `off`: nothing is asked.
 */
export type GuardMode = 'advisory' | 'guarded' | 'off';

/** POPSTASH_GUARD. Free of zod, since hooks start through it; a misspelt one is told by `popstash doctor`. */
export function chooseGuard(env: Environment): GuardMode {
  const mode = env.POPSTASH_GUARD?.toLowerCase();
  return mode === 'guarded' || mode === 'off' ? mode : 'advisory';
}

/**
 * Whether an answer is coloured: on a terminal, unless NO_COLOR (no-color.org) or a dumb terminal forbids it; FORCE_COLOR
 * colours a pipe too, and 0 in it nothing.
 */
export function isColoured(env: Environment, isTerminal: boolean): boolean {
  if (env.NO_COLOR !== undefined) return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  return isTerminal && env.TERM !== 'dumb';
}

/**
 * The embedded mode's folder, absolute: POPSTASH_DATA_DIR, else the platform's place for a user's data.
 * @throws AppError `invalid_argument` for a text that can't be meant as a folder
 */
export function chooseDataDir(env: Environment): string {
  const named = env.POPSTASH_DATA_DIR;
  if (named === undefined) return defaultDataDir(env);
  const fault = findPathFault(named);
  if (fault !== null) {
    throw new AppError({
      code: 'invalid_argument',
      message: `POPSTASH_DATA_DIR is not usable: ${JSON.stringify(named)} ${fault}.`,
      fix: 'Set it to the path of a folder of your own, or unset it.',
    });
  }
  return absolutePath(named, env);
}

function defaultDataDir(env: Environment): string {
  const data = process.platform === 'win32' ? env.LOCALAPPDATA : env.XDG_DATA_HOME;
  // By its specification a relative XDG_DATA_HOME is none.
  if (process.platform !== 'darwin' && data !== undefined && isAbsolute(data)) return join(data, 'popstash');
  const home = findHome(env);
  if (home === null) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'This user has no home folder, so there is no place for the data.',
      fix: 'Set HOME, or POPSTASH_DATA_DIR to a folder of your own.',
    });
  }
  if (process.platform === 'win32') return join(home, 'AppData', 'Local', 'popstash');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'popstash');
  return join(home, '.local', 'share', 'popstash');
}

/** The home folder of the user whose process this is; the root of the file system for one without. */
export function homeFolder(env: Environment = process.env): string {
  return findHome(env) ?? resolve('/');
}

/** Where the clients of a user keep their files. */
export interface ClientPlaces {
  home: string;
  platform: NodeJS.Platform;
  /** Some clients let their folders be moved by variables. */
  variables: Environment;
}

/** The places of the user whose process this is. */
export function chooseClientPlaces(env: Environment): ClientPlaces {
  return { home: homeFolder(env), platform: process.platform, variables: env };
}

/** What `popstash serve --http` listens on, and whom it serves. */
export interface HttpConfig {
  host: string;
  port: number;
  /** Files of the certificate and its key, in PEM. */
  cert: string | undefined;
  key: string | undefined;
  /** A proxy in front of it ends TLS. */
  isBehindProxy: boolean;
  /** Host names that it is reached by, besides those of loopback. */
  allowedHosts: readonly string[];
  /** Where it is reached from outside, without a slash at the end. */
  url: string | undefined;
  /** Of each member, in the long run. */
  requestsPerSecond: number;
  /** An agent without an open stream ends after this long without a request. */
  idleSeconds: number;
  oidc: OidcConfig | undefined;
}

/** The identity provider whose tokens are taken besides those of PopStash. */
export interface OidcConfig {
  issuer: string;
  /** What its tokens must be for. */
  audience: string;
  /** The claim that names a person. */
  nameClaim: string | undefined;
}

export interface TeamConfig {
  /** Without a slash at the end. */
  url: string;
  token: string | undefined;
}

/** Whether this user's agents and commands ask the server of a team. */
export function isOfTeam(env: Environment): boolean {
  return env.POPSTASH_URL !== undefined;
}

/** Whether `popstash mcp` is a bridge to the local server of this user, the smallest of its forms. */
export function isBridged(env: Environment): boolean {
  return chooseMode(env) === 'embedded' && !env.POPSTASH_URL;
}

/** Whom this user's hooks ask: with DATABASE_URL or POPSTASH_URL a front, else the local server. */
export function chooseHookMode(env: Environment): 'embedded' | 'server' {
  return env.DATABASE_URL || env.POPSTASH_URL ? 'server' : 'embedded';
}

/** Limits and times that are the same for every installation. */
export const LIMITS = {
  /** Largest text of one argument, in UTF-8 bytes. */
  maxTextBytes: 256 * 1024,
  /** A query's vector is awaited this long before the answer is lexical only, in ms. */
  queryDeadlineMs: 250,
  /** The same while a model is loaded that has rested, in ms. */
  modelWakeMs: 1_000,
  /** Statement and connection time-outs, in ms. */
  databaseTimeoutMs: 2_000,
  /** An enqueue is given up after this long, in ms: the sweep finds the row later. */
  enqueueTimeoutMs: 500,
  /** Heartbeat of a front process, and the silence after which its agent is dead, in seconds. */
  heartbeatSeconds: 30,
  deadAfterSeconds: 90,
  /**
   * A client's tool call that has not returned keeps its agent's locks alive for so long, in minutes: a long test run
   * loses none, and one whose end was never told (its user interrupted it) does not keep them for ever.
   */
  openCallMinutes: 60,
  /** A task without a sign of life for so long, in hours, that holds no lock any more, is ended. */
  idleTaskHours: 4,
  /** Forgotten rows can be restored for this many days, then they are purged. */
  forgottenDays: 30,
} as const;

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
  /** POPSTASH_WORKTREES: what a lock means in other worktrees; undefined leaves it as the project has it. */
  worktrees: 'warn' | 'deny' | undefined;
  /** POPSTASH_PRICES: the user's own prices. */
  pricesFile: string | undefined;
  /** Where usage is read from. */
  clientPlaces: ClientPlaces;
  /** POPSTASH_RECEIVER_PORT: where the clients' telemetry is received; 0 nowhere; undefined as the data folder says. */
  receiverPort: number | undefined;
  /** POPSTASH_TIMEZONE: an IANA name; the system's by default. */
  timezone: string | undefined;
  /** Activities are kept for this many days; 0 for ever. */
  activityDays: number;
  /** Requests and their costs are kept for this many days; 0 for ever. */
  costDays: number;
  /** A lock that is not renewed for this long ends. */
  lockLifeSeconds: number;
  poolSize: number;
  /** The embedded server ends after this long without a client. */
  idleMinutes: number;
  /** The local server ends its model after this long without a text; 0 never. */
  modelRestMinutes: number;
  logLevel: string;
  /** POPSTASH_MODEL_RUNTIME: which build of onnxruntime runs the model. */
  modelRuntime: 'auto' | 'native' | 'wasm';
  /** Slows the model by this much a text: for trials of a slow model only. */
  modelDelayMs: number;
  dashboard: { host: string; port: number; token: string | undefined };
  /** `popstash serve --http`. */
  http: HttpConfig;
  /** POPSTASH_URL, POPSTASH_TOKEN: the team's server that this user connects to. */
  team: TeamConfig | undefined;
  /** A text for agents with the commands in it as they work here: they hand them on to their user. */
  word(text: string): string;
  /** Undefined: no endpoint is configured. */
  telemetry: TelemetryConfig | undefined;
}
