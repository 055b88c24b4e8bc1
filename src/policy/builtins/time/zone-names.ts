/**
 * Every zone that Go knows, and what its clocks are called since 1970, for no JavaScript engine says `CEST`. Each
 * paragraph is a set of names and the zones that have them, where `CET:60` is the name of what is 60 minutes ahead of
 * UTC, and `@448243200` says since which second it is, where that changed. Names that are the offset itself, like
 * `+03`, are left out.
 *
 * Source: IANA's Time Zone Database, 2025c
 */
export const ZONE_NAMES = `
- = Africa/Casablanca Africa/El_Aaiun America/Araguaina America/Argentina/Buenos_Aires
  America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Cordoba
  America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza
  America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan
  America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Asuncion
  America/Bahia America/Belem America/Boa_Vista America/Bogota America/Buenos_Aires America/Campo_Grande
  America/Caracas America/Catamarca America/Cayenne America/Cordoba America/Coyhaique America/Cuiaba
  America/Eirunepe America/Fortaleza America/Godthab America/Guayaquil America/Guyana America/Jujuy
  America/La_Paz America/Lima America/Maceio America/Manaus America/Mendoza America/Montevideo
  America/Noronha America/Nuuk America/Paramaribo America/Porto_Acre America/Porto_Velho
  America/Punta_Arenas America/Recife America/Rio_Branco America/Rosario America/Santarem
  America/Santiago America/Sao_Paulo America/Scoresbysund Antarctica/Casey Antarctica/Davis
  Antarctica/DumontDUrville Antarctica/Mawson Antarctica/Palmer Antarctica/Syowa Asia/Aden Asia/Almaty
  Asia/Anadyr Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad Asia/Atyrau Asia/Baghdad Asia/Bahrain
  Asia/Baku Asia/Bangkok Asia/Barnaul Asia/Bishkek Asia/Brunei Asia/Chita Asia/Choibalsan Asia/Colombo
  Asia/Dacca Asia/Dhaka Asia/Dili Asia/Dubai Asia/Dushanbe Asia/Ho_Chi_Minh Asia/Hovd Asia/Irkutsk
  Asia/Kabul Asia/Kamchatka Asia/Kashgar Asia/Kathmandu Asia/Katmandu Asia/Khandyga Asia/Krasnoyarsk
  Asia/Kuala_Lumpur Asia/Kuching Asia/Kuwait Asia/Magadan Asia/Muscat Asia/Novokuznetsk Asia/Novosibirsk
  Asia/Omsk Asia/Oral Asia/Phnom_Penh Asia/Qatar Asia/Qostanay Asia/Qyzylorda Asia/Rangoon Asia/Riyadh
  Asia/Saigon Asia/Sakhalin Asia/Samarkand Asia/Singapore Asia/Srednekolymsk Asia/Tashkent Asia/Tbilisi
  Asia/Tehran Asia/Thimbu Asia/Thimphu Asia/Tomsk Asia/Ulaanbaatar Asia/Ulan_Bator Asia/Urumqi
  Asia/Ust-Nera Asia/Vientiane Asia/Vladivostok Asia/Yakutsk Asia/Yangon Asia/Yekaterinburg Asia/Yerevan
  Atlantic/Cape_Verde Atlantic/South_Georgia Atlantic/Stanley Australia/Eucla Brazil/Acre
  Brazil/DeNoronha Brazil/East Brazil/West Chile/Continental Chile/EasterIsland Etc/GMT+1 Etc/GMT+10
  Etc/GMT+11 Etc/GMT+12 Etc/GMT+2 Etc/GMT+3 Etc/GMT+4 Etc/GMT+5 Etc/GMT+6 Etc/GMT+7 Etc/GMT+8 Etc/GMT+9
  Etc/GMT-1 Etc/GMT-10 Etc/GMT-11 Etc/GMT-12 Etc/GMT-13 Etc/GMT-14 Etc/GMT-2 Etc/GMT-3 Etc/GMT-4
  Etc/GMT-5 Etc/GMT-6 Etc/GMT-7 Etc/GMT-8 Etc/GMT-9 Europe/Astrakhan Europe/Samara Europe/Saratov
  Europe/Ulyanovsk Indian/Chagos Indian/Christmas Indian/Cocos Indian/Kerguelen Indian/Mahe
  Indian/Maldives Indian/Mauritius Indian/Reunion Iran Kwajalein NZ-CHAT Pacific/Apia
  Pacific/Bougainville Pacific/Chatham Pacific/Chuuk Pacific/Easter Pacific/Efate Pacific/Enderbury
  Pacific/Fakaofo Pacific/Fiji Pacific/Funafuti Pacific/Galapagos Pacific/Gambier Pacific/Guadalcanal
  Pacific/Kanton Pacific/Kiritimati Pacific/Kosrae Pacific/Kwajalein Pacific/Majuro Pacific/Marquesas
  Pacific/Nauru Pacific/Niue Pacific/Norfolk Pacific/Noumea Pacific/Palau Pacific/Pitcairn
  Pacific/Pohnpei Pacific/Ponape Pacific/Port_Moresby Pacific/Rarotonga Pacific/Tahiti Pacific/Tarawa
  Pacific/Tongatapu Pacific/Truk Pacific/Wake Pacific/Wallis Pacific/Yap Singapore
GMT:0 = Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry
  Africa/Dakar Africa/Freetown Africa/Lome Africa/Nouakchott Africa/Ouagadougou Africa/Timbuktu
  America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0
  Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland
EAT:180 = Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti
  Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Antananarivo Indian/Comoro Indian/Mayotte
WET:0 WEST:60 CET:60@246236400 WEST:60@325468800 CET:60@357523200 CEST:120 = Africa/Algiers
WAT:60 = Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Lagos Africa/Libreville
  Africa/Luanda Africa/Malabo Africa/Niamey Africa/Porto-Novo
CAT:120 = Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Kigali Africa/Lubumbashi
  Africa/Lusaka Africa/Maputo
EET:120 EEST:180 = Africa/Cairo Asia/Beirut Asia/Nicosia EET Egypt Europe/Athens Europe/Bucharest
  Europe/Helsinki Europe/Mariehamn Europe/Nicosia Europe/Sofia
WET:0 WEST:60 CET:60@448243200 CEST:120 = Africa/Ceuta
SAST:120 = Africa/Johannesburg Africa/Maseru Africa/Mbabane
CAT:120 CAST:180 EAT:180@947930400 = Africa/Juba Africa/Khartoum
MMT:-44.5 GMT:0 = Africa/Monrovia
WAT:60 WAST:120 = Africa/Ndjamena
GMT:0 WAT:60 = Africa/Sao_Tome
CET:60 EET:120 CEST:120@386463600 EET:120@641775600 CEST:120@860108400 EET:120@875916000
  CEST:120@1364515200 EET:120@1382659200 = Africa/Tripoli Libya
CET:60 CEST:120 = Africa/Tunis Arctic/Longyearbyen Atlantic/Jan_Mayen CET Europe/Amsterdam
  Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest
  Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid
  Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome
  Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz
  Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich MET Poland
WAT:60 SAST:120 CAT:120@637970400 = Africa/Windhoek
BST:-660 BDT:-600 AHST:-600@436363200 HST:-600@439034400 HDT:-540 = America/Adak America/Atka
  US/Aleutian
AHST:-600 AHDT:-540 YST:-540@436359600 AKST:-540@439030800 AKDT:-480 = America/Anchorage US/Alaska
AST:-240 = America/Anguilla America/Antigua America/Aruba America/Blanc-Sablon America/Curacao
  America/Dominica America/Grenada America/Guadeloupe America/Kralendijk America/Lower_Princes
  America/Marigot America/Miquelon America/Montserrat America/Port_of_Spain America/Puerto_Rico
  America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent
  America/Tortola America/Virgin
EST:-300 = America/Atikokan America/Cayman America/Coral_Harbour America/Panama EST
MST:-420 MDT:-360 CST:-360@1288508400 CDT:-300 = America/Bahia_Banderas
AST:-240 ADT:-180 = America/Barbados America/Glace_Bay America/Halifax America/Martinique
  America/Moncton America/Thule Atlantic/Bermuda Canada/Atlantic
CST:-360 CDT:-300 = America/Belize America/Chicago America/Costa_Rica America/El_Salvador
  America/Guatemala America/Matamoros America/Mexico_City America/Monterrey America/Rainy_River
  America/Tegucigalpa America/Winnipeg CST6CDT Canada/Central Mexico/General US/Central
MST:-420 MDT:-360 = America/Boise America/Denver America/Edmonton America/Hermosillo America/Mazatlan
  America/Shiprock America/Yellowknife Canada/Mountain MST7MDT Mexico/BajaSur Navajo US/Mountain
MST:-420 MDT:-360 CST:-360@941356800 MDT:-360@986115600 CDT:-300 EST:-300@972802800 =
  America/Cambridge_Bay
CST:-360 EST:-300 CDT:-300@828864000 EST:-300@877849200 CDT:-300@902037600 EST:-300@1422777600 EDT:-240
  = America/Cancun
MST:-420 CST:-360 MDT:-360@891766800 CST:-360@1667116800 CDT:-300 = America/Chihuahua America/Ojinaga
MST:-420 CST:-360 MDT:-360@891766800 CST:-360@1667116800 MDT:-360@1678611600 CDT:-300 =
  America/Ciudad_Juarez
MST:-420 = America/Creston America/Phoenix MST US/Arizona
YST:-540 PST:-480 PDT:-420 MST:-420@1604214000 = America/Dawson
PST:-480 PDT:-420 MST:-420@84013200 = America/Dawson_Creek
EST:-300 EDT:-240 = America/Detroit America/Fort_Wayne America/Indiana/Indianapolis
  America/Indiana/Vevay America/Indianapolis America/Jamaica America/Montreal America/Nassau
  America/New_York America/Nipigon America/Port-au-Prince America/Thunder_Bay America/Toronto
  Canada/Eastern EST5EDT Jamaica US/East-Indiana US/Eastern US/Michigan
PST:-480 PDT:-420 = America/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana
  America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT US/Pacific
PST:-480 PDT:-420 MST:-420@1425808800 = America/Fort_Nelson
AST:-240 ADT:-180 ADDT:-120 = America/Goose_Bay
EST:-300 EDT:-240 AST:-240@1425798000 EDT:-240@1520751600 = America/Grand_Turk
CST:-300 CDT:-240 = America/Havana Cuba
CST:-360 CDT:-300 EST:-300@688546800 CDT:-300@1143961200 = America/Indiana/Knox America/Knox_IN
  US/Indiana-Starke
EST:-300 CDT:-300@126687600 EST:-300@152089200 EDT:-240 = America/Indiana/Marengo
  America/Kentucky/Louisville America/Louisville
CST:-360 CDT:-300 EST:-300@247042800 CDT:-300@1143961200 EST:-300@1194159600 EDT:-240 =
  America/Indiana/Petersburg
CST:-360 EST:-300 CDT:-300@1143961200 EDT:-240 = America/Indiana/Tell_City
CST:-360 EST:-300 CDT:-300@1143961200 EST:-300@1194159600 EDT:-240 = America/Indiana/Vincennes
CST:-360 EST:-300 CDT:-300@1143961200 EST:-300@1194156000 EDT:-240 = America/Indiana/Winamac
PST:-480 PDT:-420 MST:-420@309945600 MDT:-360 = America/Inuvik
CST:-360 EST:-300 CDT:-300@954662400 EST:-300@972802800 EDT:-240 = America/Iqaluit America/Pangnirtung
YST:-540 AKST:-540@439030800 PST:-480 YDT:-480@325677600 PST:-480@341402400 AKDT:-480@452084400 PDT:-420
  = America/Juneau
CST:-360 CDT:-300 EST:-300@972802800 EDT:-240 = America/Kentucky/Monticello
CST:-360 EST:-300 CDT:-300@290584800 EST:-300@694260000 CDT:-300@1113112800 = America/Managua
CST:-360 EST:-300 CDT:-300@104914800 = America/Menominee
CST:-360 EST:-300 CDT:-300@828864000 = America/Merida
AKST:-540 PST:-480 AKDT:-480@1457866800 PST:-480@1541325600 AKDT:-480@1552215600 PDT:-420 =
  America/Metlakatla
BST:-660 BDT:-600 YST:-540 AKST:-540@439030800 AKDT:-480 = America/Nome
MST:-420 MDT:-360 CST:-360@1289116800 CDT:-300 = America/North_Dakota/Beulah
MST:-420 MDT:-360 CST:-360@720000000 CDT:-300 = America/North_Dakota/Center
MST:-420 MDT:-360 CST:-360@1067155200 CDT:-300 = America/North_Dakota/New_Salem
CST:-360 CDT:-300 EST:-300@972802800 CDT:-300@986112000 = America/Rankin_Inlet
CST:-360 = America/Regina Canada/Saskatchewan
CST:-360 CDT:-300 EST:-300@972802800 CDT:-300@986112000 EST:-300@1162105200 CDT:-300@1173600000 =
  America/Resolute
EST:-300 AST:-240 = America/Santo_Domingo
YST:-540 AKST:-540@439030800 PST:-480 AKDT:-480@452084400 PDT:-420 = America/Sitka
NST:-210 NDT:-150 NDDT:-90 = America/St_Johns Canada/Newfoundland
MST:-420 CST:-360 = America/Swift_Current
PST:-480 PDT:-420 MST:-420@1604214000 = America/Whitehorse Canada/Yukon
YST:-540 AKST:-540@439030800 YDT:-480 AKDT:-480@452084400 = America/Yakutat
AEST:600 AEDT:660 = Antarctica/Macquarie Australia/ACT Australia/Brisbane Australia/Canberra
  Australia/Currie Australia/Hobart Australia/Lindeman Australia/Melbourne Australia/NSW
  Australia/Queensland Australia/Sydney Australia/Tasmania Australia/Victoria
NZST:720 NZDT:780 = Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland
-00:0 = Antarctica/Rothera Antarctica/Vostok
-00:0 +00:0@1108166400 = Antarctica/Troll
EET:120 EEST:180 +03:180@1666908000 = Asia/Amman
IST:330 = Asia/Calcutta Asia/Kolkata
CST:480 CDT:540 = Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai
  Asia/Taipei PRC ROC
EET:120 EEST:180 +03:180@1666904400 = Asia/Damascus
EET:120 EEST:180 +03:180@1473282000 EEST:180@1521939600 = Asia/Famagusta
IST:120 EET:120@820447200 IDT:180 EEST:180@828655200 = Asia/Gaza Asia/Hebron
HKT:480 HKST:540 = Asia/Hong_Kong Hongkong
EET:120 EEST:180 +03:180@267915600 EEST:180@482799600 +03:180@1473195600 = Asia/Istanbul Europe/Istanbul
  Turkey
WIB:420 = Asia/Jakarta
WIT:540 = Asia/Jayapura
IST:120 IDT:180 = Asia/Jerusalem Asia/Tel_Aviv Israel
+05:300 PKT:300@38775600 PKST:360 = Asia/Karachi
WITA:480 = Asia/Makassar Asia/Ujung_Pandang
PST:480 PDT:540 = Asia/Manila
WIB:420 WITA:480 = Asia/Pontianak
KST:510 KST:540 = Asia/Pyongyang
KST:540 KDT:600 = Asia/Seoul ROK
JST:540 = Asia/Tokyo Japan
+00:0 WET:0@725421600 +00:0@740278800 WEST:60 = Atlantic/Azores
WET:0 WEST:60 = Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira
ACST:570 ACDT:630 = Australia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna
ACST:570 = Australia/Darwin Australia/North
AEST:600 = Australia/LHI Australia/Lord_Howe
AWST:480 AWDT:540 = Australia/Perth Australia/West
GMT:0 IST:60 = Eire Europe/Dublin
UTC:0 = Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu
GMT:0 BST:60 = Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire
EET:120 MSK:180 EEST:180@641944800 MSD:240 = Europe/Chisinau Europe/Tiraspol
EET:120 MSK:180 EEST:180@606870000 +03:180@1301184000 MSD:240 = Europe/Kaliningrad
EET:120 MSK:180 EEST:180@646783200 MSD:240 = Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye
MSK:180 +04:240 MSD:240@606866400 +04:240@670374000 MSD:240@701820000 MSK:240@1301180400 = Europe/Kirov
WET:0 CET:60 WEST:60@228268800 CET:60@717555600 WEST:60@828234000 CEST:120 = Europe/Lisbon Portugal WET
EET:120 MSK:180 EEST:180@670374000 +03:180@1301184000 MSD:240 = Europe/Minsk
EET:120 MSK:180 EEST:180@670374000 MSK:180@695779200 MSD:240 MSK:240@1301180400 = Europe/Moscow W-SU
EET:120 MSK:180 EEST:180@606870000 MSD:240 = Europe/Riga Europe/Tallinn
EET:120 MSK:180 EEST:180@701827200 MSK:180@780447600 EEST:180@859683600 MSK:180@1414274400 MSD:240
  MSK:240@1396137600 = Europe/Simferopol
CET:60 EET:120 CEST:120@891133200 EET:120@941331600 MSK:180 EEST:180@606870000 MSD:240 = Europe/Vilnius
MSK:180 +04:240 MSD:240@575416800 +04:240@670374000 MSD:240@701820000 MSK:240@1301180400
  +04:240@1540681200 = Europe/Volgograd
HST:-600 = HST Pacific/Honolulu Pacific/Johnston US/Hawaii
GST:600 ChST:600@977493600 GDT:660 = Pacific/Guam Pacific/Saipan
SST:-660 = Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa
`;
