// Keyboard shortcuts of staff pages. Every one of them only follows a link or moves the focus: without
// this script nothing is missing. A page may mark links data-next and data-previous for j and k.
(function () {
  'use strict'
  var waiting = false

  function typing (target) {
    return target.closest('input, textarea, select, [contenteditable]') !== null
  }

  function step (by) {
    var marked = document.querySelector(by > 0 ? 'a[data-next]' : 'a[data-previous]')
    if (marked) { marked.click(); return }
    var links = Array.prototype.slice.call(document.querySelectorAll('main tbody tr a:first-of-type'))
    if (links.length === 0) return
    var at = links.indexOf(document.activeElement)
    var to = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))
    links[to].focus()
  }

  function go (key) {
    var link = document.querySelector('a[data-go="' + key + '"]')
    if (link) link.click()
  }

  function focusFirst () {
    var field = document.querySelector('main input[type=search], main input:not([type=hidden]), main select, main textarea')
    if (field) field.focus()
  }

  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    if (waiting) {
      waiting = false
      if (/^[a-z]$/.test(event.key)) { event.preventDefault(); go(event.key) }
      return
    }
    if (event.key === 'g') waiting = true
    else if (event.key === 'j') step(1)
    else if (event.key === 'k') step(-1)
    else if (event.key === '/') { event.preventDefault(); focusFirst() }
    else if (event.key === '?') document.querySelector('.foot').scrollIntoView()
  })
})()
