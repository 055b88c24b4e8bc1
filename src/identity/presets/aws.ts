import { nameAt, optionalNameAt, optionalNames } from '../claims.js';
import { IdentityError } from '../errors.js';
import { isObject } from '../json-object.js';
import { groupsOf, type Preset, refused, unlessConfigured } from './preset.js';

const OWN = 'https://sts.amazonaws.com/';
const ROLE = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):role\/([\w+=,.@/-]+)$/;
/** Where roles lie that people get by IAM Identity Center. */
const OF_PEOPLE = 'aws-reserved/sso.amazonaws.com/';

/**
 * Tokens of `sts:GetWebIdentityToken` (AWS IAM user guide, "Understanding token claims" of outbound federation).
 *
 * Refused are root and users, which have keys that do not expire, and roles of people. Tags are not among the words
 * of the workload: those of the request are the caller's own, and those of a session may be.
 */
export const aws: Preset<'aws'> = {
  read(claims, options) {
    const role_arn = nameAt(claims, 'sub');
    const own = claims[OWN];
    if (!isObject(own)) throw new IdentityError('claim_missing', `the token has no \`${OWN}\``);
    const [, account = '', role = ''] = ROLE.exec(role_arn) ?? [];
    if (role === '') throw refused(`${role_arn} is no role`);
    if (role.startsWith(OF_PEOPLE) || optionalNameAt(own, 'identity_store_user_id') !== undefined)
      throw refused(`${role_arn} is used by a person`);
    const aws_account = nameAt(own, 'aws_account');
    if (aws_account !== account) throw refused(`${role_arn} is not of account ${aws_account}`);
    const { org_id, ...rest } = optionalNames(own, [
      'org_id',
      'ou_path',
      'source_region',
      'ec2_source_instance_arn',
      'lambda_source_function_arn',
    ]);
    return {
      kind: {
        kind: 'aws',
        workload: { aws_account, role_arn, role, ...(org_id !== undefined && { org_id }), ...rest },
      },
      ...unlessConfigured(claims, options, {
        clientId: role_arn,
        groups: groupsOf({ aws_account, org_id }),
      }),
    };
  },
};
