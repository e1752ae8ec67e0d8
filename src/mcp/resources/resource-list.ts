/** What can be read and watched besides calling tools. */
export const SCHEME = 'popstash://';
export const SESSION_PREFIX = `${SCHEME}sessions/`;
const MIME_TYPE = 'application/json';

export const RESOURCES = [
  {
    uri: `${SCHEME}timeline`,
    name: 'timeline',
    title: 'Timeline',
    description: 'What all agents of this project did last, newest first.',
    mimeType: MIME_TYPE,
  },
  {
    uri: `${SCHEME}locks`,
    name: 'locks',
    title: 'Locks',
    description: 'Which files are held now, by whom, and who waits for them.',
    mimeType: MIME_TYPE,
  },
  {
    uri: `${SCHEME}decisions`,
    name: 'decisions',
    title: 'Decisions',
    description: 'The newest decisions that bind every agent.',
    mimeType: MIME_TYPE,
  },
];

export const TEMPLATES = [
  {
    uriTemplate: `${SESSION_PREFIX}{id}`,
    name: 'session',
    title: 'Session',
    description: 'One task: status, duration, files, decisions, insights, stashes and cost.',
    mimeType: MIME_TYPE,
  },
];
