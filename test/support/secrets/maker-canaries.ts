import { bare, type CanaryFamily, type CanaryMaker } from './canary-types.js';
import { ALNUM, BASE32, BASE64, DIGITS, HEX, LOWER, type RandomText, UPPER, URL_SAFE } from './random-text.js';

const token = (kind: string, prefix: string, alphabet: string, length: number): CanaryMaker =>
  bare(kind, ({ mixed }) => prefix + mixed(alphabet, length));
const plain = (kind: string, prefix: string, alphabet: string, length: number): CanaryMaker =>
  bare(kind, ({ chars }) => prefix + chars(alphabet, length));
const withUuid = (kind: string, prefix: string): CanaryMaker => bare(kind, ({ uuid }) => prefix + uuid());
const base62 = (prefix: string) => (length: number) => (random: RandomText) => prefix + random.mixed(ALNUM, length);

const code: CanaryFamily = {
  name: 'code hosts and registries',
  makers: [
    ...['p', 'o', 'u', 's', 'r'].map((letter) => token('github-token', `gh${letter}_`, ALNUM, 36)),
    token('github-token', `github${'_pat_'}`, `${ALNUM}_`, 82),
    token('gitlab-token', `gl${'pat-'}`, URL_SAFE, 20),
    token('gitlab-token', `gl${'rt-'}`, URL_SAFE, 20),
    token('gitlab-token', `gl${'ptt-'}`, HEX, 40),
    bare('gitlab-token', ({ mixed, chars }) => `gl${'pat-'}${mixed(ALNUM, 27)}.01.${chars(LOWER + DIGITS, 9)}`),
    token('npm-token', `np${'m_'}`, ALNUM, 36),
    token('pypi-token', `pypi-${'AgEIcHlwaS5vcmc'}`, URL_SAFE, 100),
    plain('rubygems-key', `rubygems${'_'}`, HEX, 48),
    token('crates-token', `ci${'o'}`, ALNUM, 32),
    plain('nuget-key', `oy${'2'}`, LOWER + DIGITS, 43),
    plain('clojars-token', `CLOJARS${'_'}`, LOWER + DIGITS, 60),
    token('docker-token', `dckr_${'pat_'}`, URL_SAFE, 27),
    token('artifactory-token', `AK${'Cp'}`, ALNUM, 69),
    plain('pulumi-token', `pu${'l-'}`, HEX, 40),
    plain('sonar-token', `sq${'u_'}`, HEX, 40),
    plain('sourcegraph-token', `sg${'p_'}`, HEX, 40),
    plain('octopus-key', `AP${'I-'}`, UPPER + DIGITS, 26),
    plain('readme-key', `rd${'me_'}`, LOWER + DIGITS, 70),
    bare('postman-key', ({ hex }) => `PM${'AK-'}${hex(24)}-${hex(34)}`),
    token('linear-key', `lin_${'api_'}`, ALNUM, 40),
    token('atlassian-token', `ATATT3x${'FfG'}F0`, URL_SAFE, 180),
    bare('airtable-token', ({ mixed, hex }) => `pa${'t'}${mixed(ALNUM, 14)}.${hex(64)}`),
    token('figma-token', `fig${'d_'}`, URL_SAFE, 40),
    bare('popstash-token', ({ chars, mixed }) => `ps${'t_'}${chars(LOWER + DIGITS, 16)}_${mixed(URL_SAFE, 43)}`),
    token('notion-token', `nt${'n_'}`, ALNUM, 46),
  ],
};

const cloud: CanaryFamily = {
  name: 'clouds, databases, telemetry',
  makers: [
    plain('aws-access-key', `AK${'IA'}`, UPPER + DIGITS, 16),
    plain('aws-access-key', `AS${'IA'}`, UPPER + DIGITS, 16),
    token('google-api-key', `AI${'za'}`, URL_SAFE, 35),
    token('google-oauth', `GOC${'SPX-'}`, URL_SAFE, 28),
    token('google-oauth', `ya${'29.'}`, URL_SAFE, 120),
    bare('azure-secret', ({ chars }) => `${chars(ALNUM, 3)}8Q${'~'}${chars(`${ALNUM}_.-`, 33)}a`),
    token('alibaba-key', `LT${'AI'}5t`, ALNUM, 18),
    plain('digitalocean-token', `do${'p_v1_'}`, HEX, 64),
    plain('databricks-token', `da${'pi'}`, HEX, 32),
    bare('dynatrace-token', ({ chars }) => `dt0${'c01.'}${chars(BASE32, 24)}.${chars(BASE32, 64)}`),
    token('grafana-token', `gl${'sa_'}`, ALNUM, 32),
    plain('newrelic-key', `NR${'AK-'}`, UPPER + DIGITS, 27),
    token('sentry-token', `sntr${'yu_'}`, HEX, 64),
    token('supabase-key', `sb_${'secret_'}`, ALNUM, 31),
    token('planetscale-token', `pscale${'_tkn_'}`, URL_SAFE, 43),
    token('vault-token', `hv${'s.'}`, URL_SAFE, 95),
    bare('terraform-token', ({ chars }) => `${chars(ALNUM, 14)}.atlas${'v1.'}${chars(URL_SAFE, 67)}`),
    token('doppler-token', `dp.${'pt.'}`, ALNUM, 43),
    token('tailscale-key', `tskey-${'auth-'}k`, `${ALNUM}`, 30),
    token('fly-token', `fo${'1_'}`, URL_SAFE, 43),
    token('heroku-key', `HRKU${'-AA'}`, URL_SAFE, 58),
    token('render-key', `rn${'d_'}`, ALNUM, 32),
    token('neon-key', `nap${'i_'}`, LOWER + DIGITS, 64),
    plain('aiven-password', `AVNS${'_'}`, ALNUM, 19),
    bare('astra-token', ({ mixed, hex }) => `Astra${'CS:'}${mixed(ALNUM, 24)}:${hex(64)}`),
    withUuid('launchdarkly-key', `sd${'k-'}`),
    plain('age-key', `AGE-${'SECRET'}-KEY-1`, UPPER + DIGITS, 58),
  ],
};

const services: CanaryFamily = {
  name: 'models, chat, mail, payment',
  makers: [
    token('anthropic-key', `sk-${'ant-'}api03-`, URL_SAFE, 95),
    token('openai-key', `sk-${'proj-'}`, URL_SAFE, 120),
    bare('openai-key', ({ chars }) => `sk-${chars(ALNUM, 20)}T3Blbk${'FJ'}${chars(ALNUM, 20)}`),
    token('huggingface-token', `h${'f_'}`, ALNUM, 34),
    token('groq-key', `gs${'k_'}`, ALNUM, 52),
    token('perplexity-key', `pp${'lx-'}`, ALNUM, 48),
    token('nvidia-key', `nv${'api-'}`, URL_SAFE, 64),
    token('replicate-token', `r${'8_'}`, ALNUM, 37),
    bare('langsmith-key', ({ hex }) => `lsv2${'_pt_'}${hex(32)}_${hex(10)}`),
    token('pinecone-key', `pcs${'k_'}`, ALNUM, 60),
    bare('slack-token', ({ chars }) => `xo${'xb-'}${chars(DIGITS, 12)}-${chars(DIGITS, 12)}-${chars(ALNUM, 24)}`),
    bare('slack-token', ({ chars }) => `xo${'xp-'}${chars(DIGITS, 12)}-${chars(DIGITS, 12)}-${chars(ALNUM, 32)}`),
    bare('discord-token', ({ chars }) => `M${chars(ALNUM, 25)}.${chars(ALNUM, 6)}.${chars(URL_SAFE, 38)}`),
    bare('telegram-token', ({ chars }) => `${chars('123456789', 10)}:A${'A'}${chars(URL_SAFE, 33)}`),
    token('stripe-key', `sk_${'live_'}`, ALNUM, 24),
    token('stripe-key', `rk_${'test_'}`, ALNUM, 99),
    token('webhook-secret', `wh${'sec_'}`, ALNUM, 32),
    token('square-token', `sq0${'atp-'}`, URL_SAFE, 22),
    plain('shopify-key', `shp${'at_'}`, HEX, 32),
    bare('sendgrid-key', ({ chars }) => `S${'G.'}${chars(URL_SAFE, 22)}.${chars(URL_SAFE, 43)}`),
    plain('mailgun-key', `ke${'y-'}`, HEX, 32),
    bare('mailchimp-key', ({ hex, chars }) => `${hex(32)}-us${chars('123456789', 1)}`),
    bare('brevo-key', ({ hex, chars }) => `xkey${'sib-'}${hex(64)}-${chars(ALNUM, 16)}`),
    bare('resend-key', ({ mixed }) => `r${'e_'}${mixed(ALNUM, 8)}_${mixed(ALNUM, 24)}`),
    withUuid('hubspot-token', `pat-${'na1-'}`),
    withUuid('plaid-token', `access-${'sandbox-'}`),
    plain('shippo-token', `shippo${'_live_'}`, HEX, 40),
    plain('easypost-key', `EZ${'AK'}`, LOWER + DIGITS, 54),
    plain('contentful-token', `CFP${'AT-'}`, URL_SAFE, 43),
    plain('twilio-key', `S${'K'}`, HEX, 32),
  ],
};

/** Makers that no rule names, as they do not exist, but that follow the custom. */
const unknown: CanaryFamily = {
  name: 'makers without a rule of their own',
  makers: [
    bare('stripe-key', base62(`acme_${'sk_live_'}`)(32)),
    bare('api-key', base62(`nimbus${'-pat-'}`)(40)),
    bare('api-key', base62(`orbit_${'secret_'}`)(36)),
    bare('api-key', base62(`qk${'_prod_sk_'}`)(28)),
    bare('api-key', base62(`tok${'_'}`)(32)),
    bare('api-key', base62(`zeta${'-key-'}`)(44)),
    bare('api-key', base62(`svc_${'token_'}`)(32)),
    bare('api-key', base62(`hooli${'_api_'}`)(30)),
    bare('api-key', base62(`ws${'k_'}`)(40)),
    bare('api-key', base62(`uni${'_auth_'}`)(48)),
    bare('api-key', base62(`lum${'_v2_'}`)(40)),
  ],
};

const heldOut: CanaryFamily = {
  name: 'other makers without a rule',
  holdOut: true,
  makers: [
    bare('api-key', base62(`ezk${'.'}`)(40)),
    bare('api-key', ({ chars }) => `br${'x_'}${chars(BASE64, 48)}==`),
    bare('api-key', base62(`vlt_${'live_'}`)(40)),
    bare('api-key', base62(`xyz-${'secret-'}`)(32)),
    bare('api-key', base62(`dev_${'pat_'}`)(24)),
    bare('api-key', ({ hex }) => `a${'k_live_'}a1${hex(46)}`),
    bare('api-key', base62(`prj_${'sk_'}`)(36)),
    bare('api-key', ({ chars }) => `zp${'ka_'}${chars(LOWER + DIGITS, 32)}_${chars(HEX, 8)}`),
    bare('api-key', base62(`mono${'_token_live_'}`)(22)),
    bare('api-key', base62(`Q${'SK-'}`)(48)),
    bare('api-key', ({ chars }) => `kn${'op-'}${chars(UPPER + DIGITS, 40)}`),
    bare('api-key', base62(`refresh${'_token_'}`)(40)),
    bare('api-key', base62(`deploy${'-key-'}`)(32)),
    bare('api-key', ({ chars }) => `fw${'hk_'}${chars(URL_SAFE, 40)}9a`),
    bare('api-key', base62(`sec${'_'}`)(28)),
  ],
};

export const MAKER_FAMILIES: readonly CanaryFamily[] = [code, cloud, services, unknown, heldOut];
