import { readFileSync } from 'node:fs';
import { chooseDataDir, chooseHookMode, type Environment } from '../../config.js';
import type { Board, HookRequest } from '../../ipc/control-protocol.js';
import { listEndpoints } from '../../ipc/list-endpoints.js';
import { formats } from '../clients/formats/format-list.js';
import { asFields, asText, type Fields } from '../definition/payload-fields.js';
import { askGuard } from './ask-guard.js';
import { fitBoard } from './fit-board.js';
import { withFlags } from './read-flag.js';
import { listTeamEndpoints } from './team-endpoint.js';

/** A client runs it again soon, and shows what it printed last meanwhile. In ms. */
const TIMEOUT_MS = 1_000;

/**
 * `popstash statusline`: one line about the agent of this window, from the server that runs, for a client that shows it. It
 * starts no server, and prints nothing where none runs, where it knows no agent of this window, or when it takes too long.
 */
export async function showStatusLine(env: Environment, flags: readonly string[]): Promise<void> {
  const line = await readLine(withFlags(env, flags)).catch(() => null);
  if (line !== null) process.stdout.write(`${line}\n`);
  process.exit(0);
}

async function readLine(env: Environment): Promise<string | null> {
  const payload = readPayload();
  const board = await askBoard(env, payload);
  return board ? fitBoard(board, readCost(payload)) : null;
}

/** What the client says of its window; nothing where it is typed by a person. */
function readPayload(): Fields {
  return process.stdin.isTTY ? {} : asFields(JSON.parse(readFileSync(0, 'utf8') || '{}'));
}

async function askBoard(env: Environment, payload: Fields): Promise<Board | undefined> {
  const workspace = asFields(payload.workspace);
  const session = asText(payload.session_id);
  const request: HookRequest = {
    popstash: 'hook',
    version: '1',
    pid: process.pid,
    event: 'status-line',
    client: formats[0].name,
    ...(session !== undefined && { session }),
    // The folder that the client was opened in; its shell may be in another one.
    cwd: asText(workspace.project_dir) ?? asText(payload.cwd) ?? process.cwd(),
    project: env.POPSTASH_PROJECT,
  };
  const endpoints = [...listEndpoints(chooseDataDir(env), chooseHookMode(env)), ...listTeamEndpoints(env)];
  const answer = await askGuard(endpoints, request, TIMEOUT_MS);
  return typeof answer === 'string' ? undefined : answer.board;
}

/** What the client itself has counted in this session, in US dollars. */
function readCost(payload: Fields): number | undefined {
  const { total_cost_usd: cost } = asFields(payload.cost);
  return typeof cost === 'number' && Number.isFinite(cost) ? cost : undefined;
}
