import * as z from 'zod';
import type { HttpConfig, OidcConfig, TeamConfig } from './config.js';
import { AppError } from './errors.js';

const HOST_NAME = /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])$/i;

/** Variables of `popstash serve --http`, and of those who connect to one. */
export const httpVariables = {
  POPSTASH_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  POPSTASH_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(4420),
  POPSTASH_HTTP_TLS_CERT: z.string().min(1).optional(),
  POPSTASH_HTTP_TLS_KEY: z.string().min(1).optional(),
  POPSTASH_HTTP_BEHIND_PROXY: z.stringbool().default(false),
  POPSTASH_HTTP_ALLOWED_HOSTS: z
    .string()
    .transform(splitNames)
    .refine(areHostNames, 'must be host names, separated by commas')
    .optional(),
  POPSTASH_HTTP_URL: z.url({ protocol: /^https?$/ }).optional(),
  POPSTASH_HTTP_RATE: z.coerce.number().min(1).max(100_000).default(50),
  POPSTASH_HTTP_IDLE_SECONDS: z.coerce.number().min(5).max(86_400).default(300),
  POPSTASH_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  POPSTASH_OIDC_AUDIENCE: z.string().min(1).optional(),
  POPSTASH_OIDC_NAME_CLAIM: z.string().min(1).optional(),
  POPSTASH_URL: z.url({ protocol: /^https?$/ }).optional(),
  POPSTASH_TOKEN: z.string().min(1).optional(),
} as const;

const environment = z.object(httpVariables);
type HttpEnvironment = z.infer<typeof environment>;

export function readHttp(env: HttpEnvironment): HttpConfig {
  const { POPSTASH_OIDC_ISSUER: issuer, POPSTASH_HTTP_TLS_CERT: cert, POPSTASH_HTTP_TLS_KEY: key } = env;
  return {
    host: env.POPSTASH_HTTP_HOST,
    port: env.POPSTASH_HTTP_PORT,
    cert,
    key,
    isBehindProxy: env.POPSTASH_HTTP_BEHIND_PROXY,
    allowedHosts: env.POPSTASH_HTTP_ALLOWED_HOSTS ?? [],
    url: env.POPSTASH_HTTP_URL?.replace(/\/+$/, ''),
    requestsPerSecond: env.POPSTASH_HTTP_RATE,
    idleSeconds: env.POPSTASH_HTTP_IDLE_SECONDS,
    oidc: issuer === undefined ? undefined : readOidc(issuer, env),
  };
}

/** A token for another service must not pass here. */
function readOidc(issuer: string, env: HttpEnvironment): OidcConfig {
  const audience = env.POPSTASH_OIDC_AUDIENCE ?? env.POPSTASH_HTTP_URL;
  if (audience === undefined) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'POPSTASH_OIDC_AUDIENCE is not set: a token of the identity provider may be for any service.',
      fix: 'Set it to what your provider writes into "aud" of its tokens for PopStash.',
    });
  }
  return { issuer, audience, nameClaim: env.POPSTASH_OIDC_NAME_CLAIM };
}

/** Undefined where this user connects to no team's server. */
export function readTeam({ POPSTASH_URL: url, POPSTASH_TOKEN: token }: HttpEnvironment): TeamConfig | undefined {
  return url === undefined ? undefined : { url: url.replace(/\/+$/, ''), token };
}

function splitNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function areHostNames(names: readonly string[]): boolean {
  return names.every((name) => HOST_NAME.test(name));
}
