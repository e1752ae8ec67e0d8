/** What a person can choose in a client's menu. */
export const PROMPTS = [
  {
    name: 'start',
    title: 'Start a task',
    description: 'Begins a task the safe way: locks its files, loads what is known of it, stops on conflicts.',
    arguments: [
      { name: 'task', description: 'What is to be done', required: true },
      { name: 'files', description: 'Paths or globs to edit, separated by commas' },
    ],
  },
  {
    name: 'handoff',
    title: 'Handoff',
    description: 'Saves the state of the work for another agent or a later session, and ends the task.',
    arguments: [{ name: 'name', description: 'Name of the stash; a new one by default' }],
  },
  {
    name: 'resume',
    title: 'Resume',
    description: 'Goes on with work that was handed over.',
    arguments: [{ name: 'name', description: 'Name or description of the stash; the newest by default' }],
  },
];
