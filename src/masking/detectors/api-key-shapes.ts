/**
 * How the keys of a vendor look: after a beginning that nothing else has, so many characters of a kind, as each vendor or
 * the public rule sets of secret scanners document it.
 */
export interface KeyShape {
  readonly vendor: string;
  readonly begins: readonly string[];
  /** What follows. Bounded classes one after another, none of which can take what the next needs: one way to read it. */
  readonly rest: RegExp;
}

const LETTERS_AND_DIGITS = '[A-Za-z0-9]';
const URL_SAFE = '[\\w-]';
const HEX = '[0-9a-fA-F]';

function shape(vendor: string, begins: string | readonly string[], rest: string): KeyShape {
  return { vendor, begins: typeof begins === 'string' ? [begins] : begins, rest: new RegExp(rest, 'y') };
}

/** Exactly so many letters and digits. */
function mixed(length: number): string {
  return `${LETTERS_AND_DIGITS}{${length}}(?!${LETTERS_AND_DIGITS})`;
}

/** So many characters of base64url, at least. */
function atLeast(length: number, most = 512): string {
  return `${URL_SAFE}{${length},${most}}`;
}

function hex(length: number): string {
  return `${HEX}{${length}}(?!${LETTERS_AND_DIGITS})`;
}

export const keyShapes: readonly KeyShape[] = [
  shape('1Password', 'ops_eyJ', atLeast(200, 2048)),
  shape('Airtable', 'pat', `${LETTERS_AND_DIGITS}{14}\\.${hex(64)}`),
  shape('Alibaba Cloud', 'LTAI', '[A-Za-z0-9]{12,24}(?![A-Za-z0-9])'),
  shape('Anthropic', ['sk-ant-api03-', 'sk-ant-admin01-', 'sk-ant-oat01-'], atLeast(80, 128)),
  shape('Artifactory', 'AKCp', '[A-Za-z0-9]{69,73}(?![A-Za-z0-9])'),
  shape('Asana', ['1/', '2/'], '[0-9]{15,17}(?:/[0-9]{15,17})?:[0-9a-f]{32}(?![0-9a-f])'),
  shape('Atlassian', ['ATATT3', 'ATCTT3', 'ATBB'], '[\\w=-]{20,250}'),
  shape('AWS', ['AKIA', 'ASIA', 'ABIA', 'ACCA'], '[A-Z2-7]{16}(?![A-Za-z0-9])'),
  shape('AWS', 'ABSK', '[A-Za-z0-9+/]{109,269}={0,2}'),
  shape('Azure', 'AccountKey=', '[A-Za-z0-9+/]{86}=='),
  shape('Azure', 'SharedAccessKey=', '[A-Za-z0-9+/]{43}='),
  shape('Clojars', 'CLOJARS_', mixed(60)),
  shape('Cloudflare', 'v1.0-', `${HEX}{24}-${HEX}{146}(?![A-Za-z0-9])`),
  shape('Databricks', 'dapi', '[a-f0-9]{32}(?:-\\d)?(?![A-Za-z0-9])'),
  shape('DigitalOcean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], hex(64)),
  shape('Docker', ['dckr_pat_', 'dckr_oat_'], atLeast(27, 64)),
  shape(
    'Doppler',
    ['dp.pt.', 'dp.st.', 'dp.sa.', 'dp.ct.', 'dp.scim.', 'dp.audit.'],
    '[A-Za-z0-9._-]{40,64}',
  ),
  shape('Duffel', ['duffel_test_', 'duffel_live_'], atLeast(43, 64)),
  shape('Dynatrace', 'dt0c01.', '[A-Z0-9]{24}\\.[A-Z0-9]{64}(?![A-Za-z0-9])'),
  shape('EasyPost', ['EZAK', 'EZTK'], '[A-Za-z0-9]{54}(?![A-Za-z0-9])'),
  shape('Facebook', ['EAAM', 'EAAC'], '[A-Za-z0-9]{80,300}'),
  shape('Figma', 'figd_', atLeast(38, 64)),
  shape('Flutterwave', ['FLWSECK_TEST-', 'FLWSECK-'], '[A-Za-z0-9]{12,32}(?:-X)?(?![A-Za-z0-9])'),
  shape('Fly.io', ['fo1_', 'fm1r_', 'fm2_'], '[\\w+/=-]{43,512}'),
  shape('Frame.io', 'fio-u-', atLeast(64, 80)),
  shape('GitHub', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], '[A-Za-z0-9]{36,251}(?![A-Za-z0-9])'),
  shape('GitHub', 'github_pat_', '[A-Za-z0-9_]{82}(?![A-Za-z0-9])'),
  shape(
    'GitLab',
    [
      'glpat-',
      'gldt-',
      'glrt-',
      'glptt-',
      'glcbt-',
      'glimt-',
      'glagent-',
      'gloas-',
      'glsoat-',
      'glffct-',
      'glft-',
    ],
    '[\\w.-]{20,300}',
  ),
  shape('GitLab', 'GR1348941', atLeast(20, 50)),
  shape('Google', 'AIza', `${URL_SAFE}{35}(?!${URL_SAFE})`),
  shape('Google', 'GOCSPX-', atLeast(28, 40)),
  shape('Google', 'ya29.', '[\\w.-]{30,2048}'),
  shape('Google', '1//', `0${URL_SAFE}{40,128}`),
  shape('Grafana', 'glsa_', `${LETTERS_AND_DIGITS}{32}_${hex(8)}`),
  shape('Grafana', 'glc_', '[A-Za-z0-9+/]{32,400}={0,3}'),
  shape('Groq', 'gsk_', mixed(52)),
  shape('Harness', ['pat.', 'sat.'], `${URL_SAFE}{22}\\.${HEX}{24}\\.${mixed(20)}`),
  shape('HashiCorp', ['hvs.', 'hvb.', 'hvr.'], atLeast(24, 300)),
  shape('HashiCorp', '.atlasv1.', atLeast(60, 70)),
  shape('Heroku', 'HRKU-', atLeast(36, 64)),
  shape('Hugging Face', ['hf_', 'api_org_'], mixed(34)),
  shape('Infracost', 'ico-', mixed(32)),
  shape('LangSmith', ['lsv2_pt_', 'lsv2_sk_'], `${HEX}{32}_${hex(10)}`),
  shape('Linear', 'lin_api_', mixed(40)),
  shape('Lob', ['live_pub_', 'test_pub_'], hex(31)),
  shape('Mailgun', 'key-', '[0-9a-f]{32}(?![A-Za-z0-9])'),
  shape('Mapbox', ['sk.eyJ', 'tk.eyJ'], '[\\w-]{60,120}\\.[\\w-]{20,40}'),
  shape('Netlify', 'nfp_', mixed(36)),
  shape('New Relic', 'NRAK-', '[A-Z0-9]{27}(?![A-Za-z0-9])'),
  shape('New Relic', ['NRII-', 'NRIQ-', 'NRJS-', 'NRRA-'], '[\\w-]{19,42}'),
  shape('Notion', ['ntn_', 'secret_'], '[A-Za-z0-9]{43,46}(?![A-Za-z0-9])'),
  shape('npm', 'npm_', mixed(36)),
  shape('NuGet', 'oy2', '[a-z0-9]{43}(?![A-Za-z0-9])'),
  shape('OpenAI', ['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-None-'], atLeast(40, 200)),
  shape('OpenAI', 'sk-', '[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}(?![A-Za-z0-9])'),
  shape('OpenRouter', 'sk-or-v1-', hex(64)),
  shape('OpenShift', 'sha256~', `${URL_SAFE}{43}(?!${URL_SAFE})`),
  shape('PayPal', 'access_token$production$', '[0-9a-z]{16}\\$[0-9a-f]{32}'),
  shape('Perplexity', 'pplx-', mixed(48)),
  shape('PlanetScale', ['pscale_tkn_', 'pscale_oauth_', 'pscale_pw_'], '[\\w=.-]{32,64}'),
  shape('Postman', 'PMAK-', `${HEX}{24}-${hex(34)}`),
  shape('Prefect', ['pnu_', 'pnb_'], mixed(36)),
  shape('Pulumi', 'pul-', hex(40)),
  shape('PyPI', ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'], atLeast(50, 1024)),
  shape('ReadMe', 'rdme_', '[a-z0-9]{70}(?![A-Za-z0-9])'),
  shape('Replicate', 'r8_', mixed(37)),
  shape('RubyGems', 'rubygems_', hex(48)),
  shape('Scalingo', 'tk-us-', atLeast(48, 64)),
  shape('SendGrid', 'SG.', `${URL_SAFE}{22}\\.${URL_SAFE}{43}(?!${URL_SAFE})`),
  shape('Sendinblue', 'xkeysib-', `${HEX}{64}-${mixed(16)}`),
  shape('Sentry', ['sntryu_'], hex(64)),
  shape('Sentry', 'sntrys_', '[A-Za-z0-9+/=_]{80,512}'),
  shape('Shippo', ['shippo_live_', 'shippo_test_'], hex(40)),
  shape('Shopify', ['shpat_', 'shpss_', 'shpca_', 'shppa_'], hex(32)),
  shape(
    'Slack',
    ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxo-', 'xoxe-', 'xoxe.xoxp-', 'xoxe.xoxb-'],
    '[A-Za-z0-9-]{20,255}',
  ),
  shape('Slack', 'xapp-', '\\d-[A-Z0-9]{8,16}-\\d{8,16}-[A-Za-z0-9]{32,80}'),
  shape('Slack', 'hooks.slack.com/', '(?:services|workflows|triggers)/[A-Za-z0-9+/]{40,80}'),
  shape('Snyk', 'snyk_', '(?:uat|sat)\\.[a-z0-9]{8}\\.[\\w.-]{40,200}'),
  shape('Square', ['sq0atp-', 'sq0csp-'], atLeast(22, 50)),
  shape('Stripe', ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'sk_org_'], '[A-Za-z0-9_]{16,250}'),
  shape('Stripe', 'whsec_', '[A-Za-z0-9+/]{32,64}={0,2}'),
  shape('Supabase', ['sbp_', 'sbp_oauth_'], hex(40)),
  shape('Supabase', 'sb_secret_', atLeast(30, 64)),
  shape(
    'Tailscale',
    ['tskey-auth-', 'tskey-api-', 'tskey-client-', 'tskey-scim-', 'tskey-webhook-'],
    '[A-Za-z0-9]{8,32}-[A-Za-z0-9]{20,64}',
  ),
  shape('Telegram', ':AA', `${URL_SAFE}{33}(?!${URL_SAFE})`),
  shape('Twilio', 'SK', '[0-9a-f]{32}(?![A-Za-z0-9])'),
  shape('Typeform', 'tfp_', '[A-Za-z0-9_.=-]{59}'),
  shape('Vercel', ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], mixed(56)),
  shape('xAI', 'xai-', mixed(80)),
  shape('Yandex Cloud', 'AQVN', `${URL_SAFE}{35,38}(?!${URL_SAFE})`),
];
