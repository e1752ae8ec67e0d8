// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of shells and templates are the subject here.
import { type CanaryFamily, inText } from './canary-types.js';
import { ALNUM, BASE64, type RandomText, URL_SAFE } from './random-text.js';

const word = ({ password }: RandomText) => password();
const made = ({ generated }: RandomText) => generated();
const key40 = ({ mixed }: RandomText) => mixed(ALNUM, 40);
const hex32 = ({ hex }: RandomText) => `a1${hex(28)}b2`;
const hex64 = ({ hex }: RandomText) => `c3${hex(60)}d4`;
const aws40 = ({ chars }: RandomText) => `${chars(BASE64, 37)}a1B`;
const secret = (text: string, make = key40) => inText('secret-value', text, make);
const pass = (text: string, make = made) => inText('password', text, make);

const environment: CanaryFamily = {
  name: 'environment files and shells',
  makers: [
    pass('DB_PASSWORD=%s'),
    pass('export PGPASSWORD=%s'),
    pass('MYSQL_ROOT_PASSWORD="%s"', word),
    pass("SMTP_PASS='%s'", word),
    pass('WIFI_PSK=%s'),
    secret('API_KEY=%s'),
    secret('SECRET_KEY_BASE=%s', hex64),
    secret('export MISTRAL_API_KEY=%s'),
    secret('JWT_SECRET=%s'),
    secret('ALGOLIA_ADMIN_KEY=%s', hex32),
    secret('DD_API_KEY=%s', hex32),
    secret('COHERE_KEY=%s'),
    secret('HEROKU_API_KEY=%s', ({ uuid }) => uuid()),
    secret('APP_KEY=base64:%s', ({ chars }) => `${chars(BASE64, 42)}9=`),
    secret('$env:AZURE_CLIENT_SECRET = "%s"'),
    secret('set GITLAB_TOKEN=%s'),
    secret('setx DEPLOY_TOKEN %s'),
    secret('ENV NEXTAUTH_SECRET %s'),
    secret('      - STRIPE_WEBHOOK_SECRET=%s'),
    pass('Server=db;User Id=sa;Password=%s;Encrypt=true', made),
  ],
};

const configuration: CanaryFamily = {
  name: 'configuration formats',
  makers: [
    pass('"password": "%s"', word),
    pass("passwd: '%s'", word),
    pass('database:\n  host: db\n  username: app\n  password: %s', word),
    pass('[client]\nuser = app\npassword = %s', made),
    pass('pwd=%s'),
    secret('api_key: %s'),
    secret('"access_token": "%s"'),
    secret('"clientSecret" : "%s",'),
    secret('{\\"refresh_token\\":\\"%s\\"}'),
    secret('npmAuthToken: "%s"'),
    secret('credentials "app.terraform.io" {\n  token = "%s"\n}'),
    secret('secret_key      = "%s"'),
    pass('resource "aws_db_instance" "x" {\n  username             = "app"\n  password             = "%s"\n}', word),
    pass('variable "db_password" {\n  type    = string\n  default = "%s"\n}', word),
    pass('<server><username>ci</username><password>%s</password></server>', word),
    secret('<add key="ApiKey" value="%s" />'),
    pass('<property name="password" value="%s"/>', word),
    pass('<entry key="jdbc.password">%s</entry>', word),
    secret('<key>apiKey</key>\n\t<string>%s</string>'),
    pass('- name: DB_PASSWORD\n  value: "%s"', word),
    pass('{"name":"DB_PASSWORD","value":"%s"}', word),
    pass('requirepass %s', made),
    pass('machine git.internal\n  login ci\n  password %s', made),
    pass('db.internal:5432:prod:app:%s', made),
    inText('npm-token', '//npm.internal/:_authToken=%s', ({ mixed }) => mixed(ALNUM, 36)),
    inText('basic-auth', '{"auths":{"r.internal":{"auth":"%s"}}}', ({ generated }) =>
      Buffer.from(`ci:${generated()}`).toString('base64'),
    ),
    inText('private-key', '{"kty":"EC","crv":"P-256","x":"f83O","d":"%s"}', ({ mixed }) => mixed(URL_SAFE, 43)),
    secret('[Interface]\nPrivateKey = %s', ({ chars }) => `${chars(BASE64, 42)}8=`),
    inText('aws-secret-key', 'aws_secret_access_key = %s', aws40),
    inText('aws-secret-key', '"SecretAccessKey": "%s"', aws40),
    inText('aws-secret-key', "AWS_SECRET_ACCESS_KEY='%s'", aws40),
    (random) => {
      const secretKey = aws40(random);
      const id = `AK${'IA'}${random.chars('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`;
      return { kind: 'aws-secret-key', secret: secretKey, text: `Access key ID,Secret access key\n${id},${secretKey}` };
    },
  ],
};

const programs: CanaryFamily = {
  name: 'code',
  makers: [
    secret('const clientSecret = "%s"'),
    secret("const apiKey: string = '%s';"),
    secret('api_key := "%s"'),
    secret('os.environ["OPENAI_KEY_TOKEN"] = "%s"'),
    secret("process.env.SESSION_SECRET ||= '%s'"),
    secret('app.secret_key = b"%s"'),
    secret('headers = {"X-Api-Key": "%s"}'),
    secret('private static final String AUTH_TOKEN = "%s";'),
    secret('client = Client(token="%s")'),
    secret('.withToken("%s")'),
    pass("define('DB_PASSWORD', '%s');", word),
    pass("$config['password'] = '%s';", word),
    pass("'password' => '%s',", word),
    pass('ds.setPassword("%s");', word),
    pass('connect(host="db", password="%s")', word),
    pass("CREATE USER app IDENTIFIED BY '%s';", word),
    pass("ALTER ROLE app WITH PASSWORD '%s';", word),
    pass('string password = @"%s";', word),
    secret("define('AUTH_KEY', '%s');", ({ mixed }) => mixed(`${ALNUM}!@#^&*()_+-=[]|~`, 64)),
    secret('let signingKey = `%s`'),
  ],
};

const others: CanaryFamily = {
  name: 'further languages and tools',
  makers: [
    secret('let api_key: &str = "%s";'),
    secret('val apiToken: String = "%s"'),
    secret('config :app, secret_key_base: "%s"', hex64),
    secret('my $auth_token = "%s";'),
    secret('local api_key <const> = "%s"'),
    secret('@access_token = "%s"'),
    secret('Sys.setenv(GITHUB_PAT_TOKEN = "%s")'),
    secret('static let clientSecret = "%s"'),
    secret('#define API_TOKEN "%s"'),
    secret('(def api-key "%s")'),
    secret('Private Const ApiKey As String = "%s"'),
    pass('"Password"="%s"', word),
    pass('spring.datasource.password=%s'),
    pass('ansible_become_password: "%s"', word),
    pass('mail_password|%s', word),
    pass('vnc password: %s  # rotate', word),
    secret('sonar.login.token=%s'),
    secret('"key": "X-Auth-Token", "value": "%s"'),
    secret('<string name="maps_api_key">%s</string>'),
  ],
};

/** Written down without a look at the rules. */
const heldOut: CanaryFamily = {
  name: 'other languages and tools',
  holdOut: true,
  makers: [
    secret('[[tokens]]\nvalue = "%s"\nkind = "token"'),
    secret("string(name: 'DEPLOY_TOKEN', defaultValue: '%s')"),
    secret('      with:\n        token: %s'),
    secret("final String apiKey = '%s';"),
    secret('const API_SECRET = "%s" # Julia'),
    secret('auth.token = %s'),
    secret('vault write secret/ci token=%s'),
    secret('client_secret = var.x ? var.x : "%s"'),
    secret('Environment="GITHUB_TOKEN=%s"'),
    secret('fastcgi_param APP_SECRET %s;', hex32),
    secret('curl -d "client_id=web&client_secret=%s" https://login.internal'),
    secret("headers: { 'x-auth': '%s' }"),
    pass('org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="%s";', word),
    pass('olcRootPW: %s', made),
    pass('network={\n  ssid="lab"\n  psk="%s"\n}', word),
    pass('Data Source=db;Initial Catalog=x;User ID=sa;Pwd=%s', made),
    pass('hgrc:\n[auth]\nx.prefix = hg\nx.username = bob\nx.password = %s', made),
    pass('services.db.password = "%s";', word),
    pass('ftp_pass: "%s"', word),
    pass('"adminPassword": { "value": "%s" }', word),
  ],
};

export const ASSIGNED_FAMILIES: readonly CanaryFamily[] = [environment, configuration, programs, others, heldOut];
