/** A person of a team, as an HTTP server knows them. */
export interface Member {
  /** Stands for the access token, or the account at the identity provider: the same on each call. */
  id: string;
  /** By which others know them. */
  person: string;
}
