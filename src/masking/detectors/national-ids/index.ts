import { auTfn } from './au-tfn.js';
import { beNationalNumber } from './be-national-number.js';
import { brCnpj } from './br-cnpj.js';
import { brCpf } from './br-cpf.js';
import { caSin } from './ca-sin.js';
import { cnResidentId } from './cn-resident-id.js';
import { deTaxId } from './de-tax-id.js';
import { esDni } from './es-dni.js';
import { frNir } from './fr-nir.js';
import { inAadhaar } from './in-aadhaar.js';
import { itCodiceFiscale } from './it-codice-fiscale.js';
import { nlBsn } from './nl-bsn.js';
import { plPesel } from './pl-pesel.js';
import { sePersonnummer } from './se-personnummer.js';
import { ukNhs } from './uk-nhs.js';
import { ukNino } from './uk-nino.js';
import { usItin } from './us-itin.js';
import { usSsn } from './us-ssn.js';

/** The numbers by which states know people, a file for each. */
export const nationalIds = {
  us_ssn: usSsn,
  us_itin: usItin,
  uk_nino: ukNino,
  uk_nhs: ukNhs,
  de_tax_id: deTaxId,
  fr_nir: frNir,
  es_dni: esDni,
  it_codice_fiscale: itCodiceFiscale,
  nl_bsn: nlBsn,
  pl_pesel: plPesel,
  se_personnummer: sePersonnummer,
  br_cpf: brCpf,
  br_cnpj: brCnpj,
  in_aadhaar: inAadhaar,
  ca_sin: caSin,
  au_tfn: auTfn,
  be_national_number: beNationalNumber,
  cn_resident_id: cnResidentId,
};
