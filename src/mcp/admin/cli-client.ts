/** What the command line calls itself in `initialize`: it reads and restores, and acts for no agent. */
export const CLI_CLIENT_NAME = 'popstash-cli';
