/**
 * What the card does beyond a plain form: it counts down, and it sends the vote again while n8n is busy with the vote before (409) or
 * starts (404, 5xx). Answers with our header are shown in place; without this script the form posts by itself.
 */
export const CARD_SCRIPT = `
(function () {
	'use strict';
	var clock = document.querySelector('time[data-until]');
	var offset = clock ? Number(clock.dataset.now) - Date.now() : 0;
	function tick() {
		var left = Math.round((Date.parse(clock.dateTime) - Date.now() - offset) / 1000);
		var shown = document.getElementById('left');
		// The answer has taken the card's place.
		if (!shown) return;
		if (left <= 0) { shown.textContent = 'Time is over'; return; }
		var hours = Math.floor(left / 3600), minutes = Math.floor(left % 3600 / 60), seconds = left % 60;
		shown.textContent = (hours ? hours + ' h ' : '') + (hours || minutes ? minutes + ' min ' : '') + (hours || minutes > 9 ? '' : seconds + ' s ') + 'left';
		setTimeout(tick, 1000);
	}
	if (clock) tick();

	var pauses = [600, 1000, 1500, 2500, 4000, 6000];
	function wait(ms) { return new Promise(function (resolve) { setTimeout(resolve, ms); }); }
	async function post(form, body) {
		for (var attempt = 0; ; attempt++) {
			var response = await fetch(location.href, {
				method: 'POST', body: body, credentials: 'omit', redirect: 'error', headers: { accept: 'text/html' }
			}).catch(function () { return undefined; });
			var ours = response && response.headers.has('x-approval-gate');
			if (ours && response.status < 500) return response.text();
			var again = !response || response.status >= 500 || response.status === 409 || response.status === 404;
			if (!again || attempt === pauses.length) return ours ? response.text() : undefined;
			say(form, 'The system is busy. Trying again \\u2026');
			await wait(pauses[attempt]);
		}
	}
	function say(form, text) {
		form.querySelector('.progress').textContent = text;
	}
	function lock(locked) {
		document.querySelectorAll('button').forEach(function (button) { button.disabled = locked; });
	}
	document.querySelectorAll('form').forEach(function (form) {
		form.addEventListener('submit', async function (event) {
			event.preventDefault();
			var comment = form.querySelector('textarea');
			var decision = event.submitter ? event.submitter.value : '';
			if (decision !== 'approve' && comment.value.trim() === '') {
				say(form, 'Please write a reason first.');
				comment.focus();
				return;
			}
			var body = new URLSearchParams();
			body.set('decision', decision);
			body.set('comment', comment.value);
			lock(true);
			say(form, 'Sending your vote \\u2026');
			var page = await post(form, body);
			if (page === undefined) {
				lock(false);
				say(form, 'Your vote could not be delivered. Try again in a minute; if this stays, the gate may have been decided already.');
				return;
			}
			var next = new DOMParser().parseFromString(page, 'text/html');
			document.title = next.title;
			document.querySelector('main').replaceWith(document.importNode(next.querySelector('main'), true));
			scrollTo(0, 0);
		});
	});
})();
`.trim();
