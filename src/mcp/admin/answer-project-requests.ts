import type { MemoryAnswering } from './answer-memory-requests.js';
import type { ProjectAnswer, ProjectRequest, ProjectRequestName } from './project-protocol.js';

/** How each request about projects is answered. */
export const projectAnswers: {
  [Name in ProjectRequestName]: (
    context: MemoryAnswering,
    request: ProjectRequest<Name>,
  ) => Promise<ProjectAnswer<Name>>;
} = {
  listProjects: async ({ services, project }) => ({ own: project.id, projects: await services.identity.list() }),
  showProject: ({ services, project }, { params }) => services.identity.show(project, params.name),
  linkProject: ({ services, project }, { params }) => services.identity.link(project, params.name),
  separateProject: ({ services, project }) => services.identity.separate(project),
  mergeProjects: ({ services, project }, { params }) => services.identity.merge(project, params.from, params.into),
  renameProject: ({ services, project }, { params }) => services.identity.rename(project, params.name, params.title),
  forgetProject: ({ services, project }, { params }) => services.identity.forget(project, params.name),
};
