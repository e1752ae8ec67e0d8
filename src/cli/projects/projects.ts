import type { AddCommand } from '../context/command-context.js';
import { addForget } from './forget-project.js';
import { addLink } from './link-project.js';
import { addProjectList } from './list-projects.js';
import { addMerge } from './merge-projects.js';
import { addRename } from './rename-project.js';
import { addProjectShow } from './show-project.js';

const EXAMPLES = `
Examples:
  popstash projects                                 all projects of this store
  popstash projects show                            this one
  popstash projects link                            this copy or clone is one with the project it was asked about
  popstash projects link --separate                 it is not
  popstash projects merge ../old-clone .            all of one project moves to another
  popstash projects rename . "Shop"                 a name for people

A project is named by its id, the name that it was given, or a path.`;

export const addProjects: AddCommand = (program, context) => {
  const projects = program
    .command('projects')
    .description('List the projects of this store, and say which are one')
    .addHelpText('afterAll', EXAMPLES);
  addProjectList(projects, context);
  for (const add of [addProjectShow, addLink, addMerge, addRename, addForget]) add(projects, context);
};
