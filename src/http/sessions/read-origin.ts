import { createHash } from 'node:crypto';
import type { Member } from '../../actor/member.js';
import { AppError } from '../../errors.js';
import { identifyProject, type Workplace } from '../../project/resolve-project.js';
import { newId } from '../../text/ids.js';
import { maskSecrets } from '../../text/mask-secrets.js';
import { MEMBER_META, type MemberPlaceFacts, memberMeta } from '../member-protocol.js';
import type { MemberOrigin } from './member-services.js';

/** Characters of a project's name, as of POPSTASH_PROJECT. */
const MAX_PROJECT = 200;

/**
 * What is known of an agent when it connects: what its bridge tells in `initialize`. A client that connects without one names
 * its project, and its paths begin at the top of the repository.
 * @param project named by the request
 * @param agentId of a session that is taken up
 * @throws AppError `invalid_argument`
 */
export function readOrigin(
  member: Member,
  initialize: Record<string, unknown>,
  project: string | undefined,
  agentId?: string,
): MemberOrigin {
  const meta = (initialize._meta as Record<string, unknown> | undefined)?.[MEMBER_META];
  if (meta === undefined) {
    return {
      agentId: agentId ?? newId('agent_'),
      place: placeOfProject(member, project),
      host: null,
      pid: null,
      terminal: undefined,
      clientSession: undefined,
    };
  }
  const read = memberMeta.safeParse(meta);
  if (!read.success) {
    throw new AppError({
      code: 'invalid_argument',
      message: `What the bridge tells of its agent can't be read (${read.error.issues[0]?.path.join('.')}).`,
      fix: 'Install the same version of PopStash on this machine and on the server.',
    });
  }
  const { bridge, place, related, ...process } = read.data;
  return {
    agentId: nameAgent(member, bridge),
    place: placeOf(member, place),
    ...{ host: process.host, pid: process.pid, terminal: process.terminal, clientSession: process.clientSession },
    related: related && new Map(related),
  };
}

/** A place on a member's machine. */
export function placeOf({ person }: Member, { branch, ...place }: MemberPlaceFacts): Workplace {
  return { ...place, refused: null, records: { dataDir: '', store: '' }, member: { person, branch } };
}

function placeOfProject({ person }: Member, project: string | undefined): Workplace {
  if (project === undefined || project === '' || project.length > MAX_PROJECT) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'The project is not named.',
      fix: `Connect by popstash mcp with POPSTASH_URL, which finds it out, or name it (at most ${MAX_PROJECT} characters) in the header Popstash-Project, or as ?project=NAME.`,
    });
  }
  const root = maskSecrets(project);
  const place = { id: identifyProject(root), root, worktree: '/', folder: '/' };
  return {
    ...place,
    isKnown: true,
    isNamed: true,
    isRepository: false,
    refused: null,
    records: { dataDir: '', store: '' },
    member: { person, branch: null },
  };
}

/** One bridge of a member, one agent, whichever server process answers it. */
function nameAgent(member: Member, bridge: string): string {
  const digest = createHash('sha256').update(`${member.id}\n${bridge}`).digest('hex');
  return `agent_${BigInt(`0x${digest}`).toString(36).padStart(16, '0').slice(-16)}`;
}
