// Screens of a clinic day: news within a second, and notes that survive a network drop. Without this script every
// form still works, and hall and board reload by themselves.
//
// A tablet numbers its own notes. While the network is down they stay in this browser, in their order, and are sent
// when it is back, marked as late; the hub keeps them beside everybody else's, and a person settles what does not fit.
(function () {
  'use strict'
  var part = document.getElementById('part')
  if (!part) return
  var REFRESH = 20000
  var AGAIN = 3000
  var AT_ONCE = 100
  var address = part.dataset
  var store = 'jornada-notes-' + address.day + '-' + address.tablet
  var known = address.pulse
  var stale = false
  var loaded = Date.now()

  // ── what is shown ──
  function busyTyping () {
    var field = document.activeElement
    var open = part.querySelector('details[open]')
    return (field && part.contains(field) && /^(INPUT|SELECT|TEXTAREA)$/.test(field.tagName) && field.type !== 'hidden') || open
  }

  function show () {
    if (busyTyping()) { stale = true; return }
    fetch(address.part, { credentials: 'same-origin', headers: { Accept: 'text/html' } }).then(function (answer) {
      if (answer.status === 403 || answer.status === 404 || answer.redirected) { window.location.reload(); return }
      if (!answer.ok) return
      return answer.text().then(function (text) {
        if (busyTyping()) { stale = true; return }
        part.innerHTML = text // the hub's own page, escaped there
        stale = false
        loaded = Date.now()
        var marked = part.querySelector('[data-pulse]')
        if (marked) known = marked.dataset.pulse
      })
    }).catch(function () {})
  }

  function news (pulse) {
    if (pulse === known) return
    known = pulse
    show()
  }

  function poll () {
    fetch(address.live + '?known=' + known, { credentials: 'same-origin' }).then(function (answer) {
      return answer.ok ? answer.text() : ''
    }).then(function (text) {
      var found = /^data: (\d+)/m.exec(text)
      if (found) news(found[1])
    }).catch(function () {})
  }

  function listen () {
    if (!window.EventSource) { window.setInterval(poll, 1500); return }
    var source = new window.EventSource(address.live + '?known=' + known)
    source.onmessage = function (event) { news(event.data) }
    source.onerror = function () {
      if (source.readyState === 2) window.setTimeout(listen, 2000) // closed for good: begin anew
    }
  }

  listen()
  window.setInterval(show, REFRESH) // minutes go on even where nothing happens
  document.addEventListener('focusout', function () { window.setTimeout(function () { if (stale) show() }, 50) })
  document.addEventListener('toggle', function () { if (stale) show() }, true)
  if (!address.notes) return

  // ── notes ──
  var network = document.getElementById('network')
  var refused = document.getElementById('refused')
  var sending = false

  function read () {
    try { return JSON.parse(window.localStorage.getItem(store)) || { next: 0, notes: [] } } catch (e) { return { next: 0, notes: [] } }
  }

  function write (kept) {
    window.localStorage.setItem(store, JSON.stringify(kept))
    network.querySelector('[data-queued]').textContent = String(kept.notes.length)
  }

  function minute () {
    var clock = part.querySelector('[data-now]')
    return Math.floor((Number(clock.dataset.now) + (Date.now() - loaded) / 60000) * 100) / 100
  }

  function nextNumber (kept) {
    var clock = part.querySelector('[data-next-note]')
    return Math.max(kept.next, Number(clock ? clock.dataset.nextNote : 1))
  }

  function number (typed) {
    var clean = typed.trim().split('/').pop()
    var tokens = document.getElementById('tokens')
    var meant = tokens ? JSON.parse(tokens.textContent)[clean] : undefined
    return meant || clean
  }

  function noteOf (form) {
    var note = { documents: [] }
    new window.FormData(form).forEach(function (value, name) {
      if (name === 'csrfmiddlewaretoken' || value === '') return
      if (name === 'documents') note.documents.push(value)
      else if (name === 'accessible' || name === 'brings_interpreter') note[name] = true
      else note[name] = name === 'worker' ? number(value) : value
    })
    if (!note.documents.length) delete note.documents
    return note
  }

  function keep (form) {
    var kept = read()
    var note = noteOf(form)
    note.number = nextNumber(kept)
    note.at = minute()
    kept.next = note.number + 1
    kept.notes.push(note)
    write(kept)
    apply(note, form)
    send()
  }

  function send () {
    var kept = read()
    if (sending || !kept.notes.length) { if (!kept.notes.length) network.hidden = true; return }
    sending = true
    var sent = kept.notes.slice(0, AT_ONCE)
    var token = document.querySelector('[name=csrfmiddlewaretoken]').value
    fetch(address.notes, {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify({ notes: sent }),
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token }
    }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status))
      return answer.json()
    }).then(function (told) {
      sending = false
      var now = read()
      var known = sent.map(function (note) { return note.number })
      now.notes = now.notes.filter(function (note) { return known.indexOf(note.number) < 0 })
      write(now)
      network.hidden = now.notes.length === 0
      told.refused.forEach(refuse)
      stale = false
      show()
      if (now.notes.length) send()
    }).catch(function () {
      sending = false
      var now = read()
      now.notes.forEach(function (note) { note.late = true })
      write(now)
      network.hidden = false
      window.setTimeout(send, AGAIN)
    })
  }

  function refuse (one) {
    var item = document.createElement('li')
    item.textContent = one.problem.replace(/\.$/, '') + '. ' + one.mend.replace(/\.$/, '') + '.'
    refused.querySelector('ul').appendChild(item)
    refused.hidden = false
  }

  refused.querySelector('button').addEventListener('click', function () {
    refused.querySelector('ul').textContent = ''
    refused.hidden = true
  })

  // ── what the tablet shows at once, until the hub's own page replaces it ──
  function cardOf (form) { return form.closest('[data-staff]') }

  function setWorker (box, worker) {
    box.querySelectorAll('[name=worker]').forEach(function (field) { field.value = worker })
    box.querySelectorAll('[data-number]').forEach(function (shown) { shown.textContent = worker })
  }

  function inLine () {
    var line = part.querySelectorAll('.line li[data-number]:not([data-held])')
    return Array.prototype.map.call(line, function (one) { return one.dataset.number })
  }

  // free tables whose offer is gone get the first in line, without regard for languages: people see those
  function offer () {
    var waiting = inLine()
    part.querySelectorAll('[data-free]:not([hidden]) [data-note=called]').forEach(function (call) {
      if (waiting.indexOf(call.querySelector('[name=worker]').value) >= 0) return
      setWorker(call, waiting[0] || '')
      call.querySelector('[name=interpreter]').value = ''
      var helper = call.querySelector('[data-interpreter]')
      if (helper) helper.remove()
      call.hidden = !waiting.length
    })
  }

  function called (note, card) {
    setWorker(card.querySelector('[data-busy]'), note.worker)
    card.querySelector('[data-busy]').hidden = false
    card.querySelector('[data-free]').hidden = true
    var waiting = part.querySelector('.line li[data-number="' + note.worker + '"]')
    if (waiting) waiting.remove()
  }

  function freed (card) {
    card.querySelector('[data-busy]').hidden = true
    card.querySelector('[data-free]').hidden = false
  }

  function arrived (note) {
    var one = part.querySelector('[data-expected="' + note.worker + '"]')
    if (one) one.remove()
    var typed = document.getElementById('in-number')
    if (typed) typed.value = ''
    var item = document.createElement('li')
    item.dataset.number = note.worker
    item.textContent = note.worker
    part.querySelector('.line').appendChild(item)
  }

  function apply (note, form) {
    var card = cardOf(form)
    if (note.kind === 'arrived' || note.kind === 'walked_in') arrived(note)
    else if (note.kind === 'called') called(note, card)
    else if (card && /^(finished|put_back|left|complex|sent)$/.test(note.kind)) freed(card)
    offer()
    if (document.activeElement && part.contains(document.activeElement)) document.activeElement.blur()
    part.querySelectorAll('details[open]').forEach(function (one) { one.open = false })
  }

  part.addEventListener('submit', function (event) {
    if (!event.target.dataset.note) return
    event.preventDefault()
    keep(event.target)
  })
  write(read())
  if (read().notes.length) { network.hidden = false; send() }
})()
