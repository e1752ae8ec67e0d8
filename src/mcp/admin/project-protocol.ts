import * as z from 'zod';
import { wireTime } from './wire-time.js';

// Requests with which people see which projects there are, and say which are one.

/** Of an id, a name or a path. */
const MAX_NAME_CHARS = 4_096;
/** Of a name that a person gives. */
const MAX_TITLE_CHARS = 100;

const name = z.string().min(1).max(MAX_NAME_CHARS);

const summary = z.object({
  id: z.string(),
  /** The git common directory, the folder, or the given name. */
  root: z.string(),
  name: z.string().nullable(),
  memories: z.int(),
  /** Connected ones. */
  agents: z.int(),
  /** Of models, that the ledger has. */
  requests: z.int(),
  lastActive: wireTime.nullable(),
  twinId: z.string().nullable(),
});

const joined = z.object({ from: z.string(), into: summary, memories: z.int() });

/** Each request with the schemas of its message and of its answer. */
export const projectRequests = {
  listProjects: {
    request: z.object({ method: z.literal('popstash/list-projects') }),
    answer: z.object({
      /** The id of the project in which the command runs. */
      own: z.string(),
      projects: z.array(summary),
    }),
  },
  showProject: {
    request: z.object({
      method: z.literal('popstash/show-project'),
      params: z.object({ name: name.nullable() }),
    }),
    answer: z.object({
      project: summary,
      rootCommits: z.array(z.string()),
      remote: z.string().nullable(),
      twin: summary.nullable(),
    }),
  },
  linkProject: {
    request: z.object({ method: z.literal('popstash/link-project'), params: z.object({ name: name.nullable() }) }),
    answer: joined,
  },
  separateProject: {
    request: z.object({ method: z.literal('popstash/separate-project') }),
    answer: summary,
  },
  mergeProjects: {
    request: z.object({ method: z.literal('popstash/merge-projects'), params: z.object({ from: name, into: name }) }),
    answer: joined,
  },
  renameProject: {
    request: z.object({
      method: z.literal('popstash/rename-project'),
      params: z.object({ name: name.nullable(), title: z.string().min(1).max(MAX_TITLE_CHARS).nullable() }),
    }),
    answer: summary,
  },
  forgetProject: {
    request: z.object({ method: z.literal('popstash/forget-project'), params: z.object({ name }) }),
    answer: z.object({ project: summary, memories: z.int() }),
  },
} as const;

type ProjectRequests = typeof projectRequests;
export type ProjectRequestName = keyof ProjectRequests;
export type ProjectRequest<Name extends ProjectRequestName> = z.output<ProjectRequests[Name]['request']>;
export type ProjectAnswer<Name extends ProjectRequestName> = z.output<ProjectRequests[Name]['answer']>;
