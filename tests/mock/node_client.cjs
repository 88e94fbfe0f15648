// Runs all eleven operations that webex-api-client knows, one after the other, and prints a JSON object with
// the answer to each. Called with the service's address, site name, Webex ID and password; the package is
// found through NODE_PATH.
'use strict';

const Client = require('webex-api-client');

const [url, siteName, webExID, password] = process.argv.slice(2);
const inTwoHours = new Date(Date.now() + 2 * 3600 * 1000);

const builder = () => new Client.Builder({webExID, password, siteName}, url);
const run = (service, fill = b => b) => fill(builder().setService(service)).build().exec();
const key = answer => /<(?:meet|auo):(?:meetingkey|sessionKey)>(\d+)</i.exec(answer)[1];

async function main() {
	const answers = {};
	answers.AuthenticateUser = await run('AuthenticateUser');
	answers.GetSite = await run('GetSite');

	answers.CreateMeeting = await run('CreateMeeting', b => b
		.metaData({confName: 'Sample & <Meeting>', meetingType: 3, agenda: 'Ägenda ☃'})
		.accessControl({meetingPassword: 'pass123'})
		.participants({maxUserNumber: 4, attendees: [{name: 'James Kirk', email: 'jkirk@example.com'}]})
		.enableOptions({chat: true, poll: true, audioVideo: true})
		.schedule({startDate: inTwoHours, openTime: 900, joinTeleconfBeforeHost: true, duration: 20, timeZoneID: 20})
		.telephony({telephonySupport: 'CALLIN', extTelephonyDescription: 'Call 1-800-555-1234'})
		.tracking(['1', 'two']));
	const meetingKey = key(answers.CreateMeeting);
	answers.SetMeeting = await run('SetMeeting', b => b.meetingKey(meetingKey).metaData({confName: 'Renamed'}));
	answers.GetMeeting = await run('GetMeeting', b => b.meetingKey(meetingKey));
	answers.LstsummaryMeeting = await run('LstsummaryMeeting', b => b
		.listControl({startFrom: 1, maximumNum: 5})
		.order([{orderBy: 'HOSTNAME', orderAD: 'ASC'}, {orderBy: 'STATUS', orderAD: 'ASC'}]));
	answers.GethosturlMeeting = await run('GethosturlMeeting', b => b.sessionKey(meetingKey));
	answers.GetjoinurlMeeting = await run('GetjoinurlMeeting', b => b.sessionKey(meetingKey).attendeeName('Bob'));
	answers.DelMeeting = await run('DelMeeting', b => b.meetingKey(meetingKey));

	answers.CreateTeleconferenceSession = await run('CreateTeleconferenceSession', b => b
		.metaData({confName: 'By telephone'})
		.schedule({startDate: inTwoHours, duration: 20, timeZoneID: 20}));
	const sessionKey = key(answers.CreateTeleconferenceSession);
	answers.GetTeleconferenceSession = await run('GetTeleconferenceSession', b => b.sessionKey(sessionKey));
	return answers;
}

main().then(answers => console.log(JSON.stringify(answers)));
