"""Words that sites put around articles, in the languages whose pages were looked at. Data only: each list is one
pattern.

`…` in a phrase stands for up to sixty code points, `?` and other pattern signs are as in `re`.
"""

import re


def _any(*phrases: str) -> str:
    words = (phrase for group in phrases for phrase in re.split(r"\s*\n\s*", group.strip()))
    return "|".join(word.replace("…", r".{0,60}") for word in words)


def _whole(*phrases: str) -> re.Pattern[str]:
    """A line that is one of these and nothing else but punctuation."""
    return re.compile(rf"^\W*(?:{_any(*phrases)})\W*$", re.IGNORECASE)


FOOT_HEADING = _whole(
    # comments and sharing
    r"""leave a (?:reply|comment)
    (?:post|add|write|submit) a comment
    comments?(?: \(\d+\))?
    (?:join|start) the (?:conversation|discussion)
    share(?: (?:this|post|on|article|story)…)?
    discussion""",
    # newsletters, accounts, site furniture
    r"""subscribe\b…|sign up\b…|newsletters?(?: sign ?up)?|get (?:our|the)…newsletter…
    follow us…|stay (?:connected|informed|in touch)|contact us
    about the authors?…|(?:our |story )?sources?|(?:journal )?references?|footnotes?|cite this…
    corrections?(?: (?:and|&) clarifications?)?
    tags|topics|categories|filed under|photo credits?""",
)
"""The heading over something of a site's own: comments, newsletters, tags, corrections."""

OTHERS_HEADING = _whole(
    # English
    r"""related(?: (?:articles?|stories|story|posts?|news|topics?|content|coverage|links?|reading|videos?))?
    more like this(?: related)?
    you (?:may|might) (?:also )?(?:like|be interested in)…
    (?:most )?(?:popular|read|viewed|shared)(?: (?:articles?|stories|posts?|now|today|on…))?
    trending(?: (?:now|stories|on…))?
    recommended(?: (?:for you|stories|articles|reading|videos?))?
    (?:read|watch) (?:more|next|also)
    see also|also read|next story|next up|up next
    more (?:from|on|in|stories|news|about|coverage|top stories|like this)…
    latest (?:news|stories|articles|posts|headlines)…
    top stories|editor'?s'? picks?|don't miss|must reads?
    what to read next|further reading|explore (?:further|more)
    (?:from )?around the web|from our partners|sponsored(?: content| stories| links)?""",
    # German
    r"""mehr zum thema…|lesen sie (?:auch|mehr|hier)…|(?:das könnte|was) (?:sie|dich) (?:auch )?interessier(?:en|t)…
    meistgelesen…|auch interessant|weitere (?:artikel|meldungen|themen|nachrichten)…|kommentare?
    ähnliche(?: artikel)?|themen|schlagwörter|mehr (?:aus|von)…""",
    # French
    r"""à lire (?:aussi|également)…|lire (?:aussi|plus)…|sur le même (?:sujet|thème)
    articles? (?:liés|similaires|recommandés)
    les plus lus|commentaires?|partager|voir aussi""",
    # Spanish, Portuguese, Italian
    r"""te puede interesar…|lee también|noticias relacionadas|artículos relacionados
    más (?:noticias|leídas?|información)|comentarios|temas
    leia (?:também|mais)|veja também|notícias relacionadas|mais lidas|comentários
    leggi anche|potrebbe interessarti…|articoli correlati|commenti""",
    # Dutch, Scandinavian, Polish, Czech
    r"""lees (?:ook|meer)|gerelateerd…|meest gelezen|reacties|hoofdpunten|les også|læs også|läs (?:också|mer)|relaterad…
    czytaj (?:też|także|więcej)|zobacz (?:też|także)|polecane|přečtěte si…|související…|mohlo by vás zajímat…""",
    # Russian, Ukrainian, Turkish
    r"""читайте (?:также|ещё|еще)|читайте також|по теме|комментарии|ilgili haberler|benzer haberler|yorumlar""",
)
"""The heading over links to other articles."""

FURNITURE = _whole(
    # forms
    r"""please enter (?:your|a valid)…|your (?:email|e-mail) address will not be published…|required fields are marked…
    save my name,?.{0,120}|notify me of…|(?:log|sign) ?in to (?:comment|reply|leave a comment)…
    you must be (?:logged in|signed in)…
    an error (?:has )?occurred.{0,60}|thank you|text size|order reprints|this article has been sent to.{0,60}""",
    # newsletters and apps
    r"""(?:click|tap) here (?:to|for).{0,100}|(?:get|want|receive|join|stay).{0,160}(?:newsletters?|inbox)\b.{0,120}
    (?:.{0,80}[.!?:] )?(?:subscribe|sign up) (?:to|for|now|here|today)\b.{0,120}(?:newsletter|e-?mail|alert)s?\b.{0,60}
    (?:subscribe|sign up) (?:to|for).{0,120}|\(?(?:get|download) (?:the|our).{0,60}\bapp\b.{0,60}
    .{0,120}\bnewsletter(?: abonnieren| an)?
    (?:follow|like|join|find) us on.{0,100}
    \W*follow .{0,80} on (?:twitter|x|facebook|instagram|telegram|whatsapp|snapchat|youtube|threads).{0,80}
    (?:follow|read|take|get|have) .{1,60} (?:on|to) your (?:phone|mobile|tablet|device|home screen)\b.{0,60}
    (?:switch|turn) on (?:push )?(?:notifications|alerts)\b.{0,120}|never miss (?:a|an|our) .{1,60}
    have (?:a|any) (?:news )?(?:tip|story|question).{0,120}|get in touch with our.{0,120}
    for more stories like this.{0,80}
    tell us what you think.{0,60}|get .{0,40} on the go.{0,60}""",
    # sharing and advertising
    r"""advertisement|advertising|anzeige|publicité|publicidad|werbung|annonse|annons|reklama?|sponsored
    scroll to continue…
    (?:copy|print|e-?mail|save|share|tweet|bookmark|listen)(?: (?:link|this|article|story|post))?
    facebook|twitter|whatsapp|telegram|linkedin|reddit|pinterest
    (?:we|this (?:article|post|page|story)) may (?:earn|receive|contain).{0,160}(?:commission|revenue|affiliate).{0,160}
    when you (?:buy|purchase) .{0,80} (?:links?|commission).{0,160}""",
    # rights and consent
    r"""copyright\b.{0,200}|(?:©|\(c\) ?\d{4}).{0,200}|all rights reserved…|alle rechte vorbehalten…
    this copy is for your personal.{0,300}
    we use cookies.{0,240}|this (?:site|website) uses cookies.{0,240}
    by (?:clicking|continuing|signing up|subscribing|submitting).{0,200}
    our standards:.{0,80}|.{0,120}\b(?:licen[cs]e|republish|reprint|syndicate) this (?:story|article|item|content)""",
    # controls and leftovers of markup
    r"""\d+ (?:comments?|shares?|min(?:ute)?s? read|min)|(?:no|view|show|hide|load(?: more)?) (?:\d+ )?comments?
    (?:read|see|show|load|view) (?:more|less|(?:the )?full (?:story|article|bio)|all|photos?|gallery)(?: comments)?
    continue reading…
    back to top|skip to …|javascript.{0,100}|loading|image|video|play|close|menu|article|contents?
    table of contents
    recommended videos?|watch:?|\d{1,2}:\d{2}(?: min)?|[a-z]+(?:-[a-z]+){1,7}""",
)
"""A whole line that is never part of an article."""

POINTER = re.compile(
    r"^\W{0,3}(?:"
    + _any(
        r"""related|read more|watch more|read also|also read|see also|more|must read|don't miss|read next
        read the full story|lesen sie(?: (?:auch|hier|dazu|mehr))?|mehr (?:dazu|zum thema)|zum artikel|auch interessant
        à lire (?:aussi|également)|lire aussi|voir aussi|lee también|lea también|leggi anche|leia (?:também|mais)
        lees ook|les også|læs også|läs också
        czytaj (?:też|także|więcej)|zobacz (?:też|także)|читайте (?:также|ещё|еще|також)"""
    )
    + r")\s*(?:[:|»>–—]|\s-\s).{3,200}$",
    re.IGNORECASE,
)
"""A line that points to another article: `Read more: ...`."""

CREDIT = _whole(
    r"""\(?(?:additional )?(?:reporting|writing|editing|production|photography) by .{0,200}
    (?:compiled|translated|edited|written|produced) by .{0,200}
    with (?:files|reporting|additional reporting|contributions?) (?:from|by) .{0,120}
    .{0,120}\bcontributed (?:to this (?:report|story|article)|reporting).{0,60}
    .{0,120}\bcan be reached (?:at|on|via) .{0,120}|(?:e-?mail|write to|contact|reach) .{0,60}\S+@\S+.{0,60}
    this (?:article|story|post|report|column|piece)(?: \w+)? (?:originally|first) (?:appeared|published|ran).{0,120}
    this (?:article|story|post|report) was (?:originally |first )?(?:published|produced|written|provided).{0,160}
    cross-?posted from .{0,80}|materials? provided by .{0,200}|mit (?:material|informationen) (?:von|der|des) .{0,160}
    mit (?:dpa|afp|reuters|apa|epd|kna)(?: .{0,60})?
    \((?:dpa|afp|ap|reuters|apa|efe|ansa|[a-z]{2,4})(?:[/, ]+[a-z]{2,5}){0,4}\)"""
)
"""A line at an article's end about who made it."""

BIOGRAPHY = re.compile(
    r"^(?:the (?:author|writer)|[A-ZÀ-Ž][\w.'’-]+(?: [A-ZÀ-Ž][\w.'’-]*){1,3}),? (?:is|was) (?:an? |the )?.{0,50}"
    r"\b(?:reporter|writer|editor|correspondent|columnist|journalist|contributor|intern)\b.{0,500}$"
)
"""A line at an article's end about the life of its author."""

OPENING = _whole(
    r"""(?:by|von|par|por|da|di|door|av|af|автор|text):? \S+(?: \S+){0,12}
    (?:first )?(?:published|posted|updated|veröffentlicht|aktualisiert|publié|publicado|pubblicato)\b.{0,60}
    (?:gepubliceerd|publicerad|publisert)\b.{0,60}
    \d{1,3} ?(?:min(?:ute[ns]?|s|\.)?|minuten) (?:read|lesezeit|lesedauer|de lecture|de lectura|di lettura)?
    (?:lesezeit|reading time|temps de lecture):? \d.{0,20}|(?:date|source|datum|quelle|author|autor|summary):?
    news analysis|guest essay|opinion|analysis|exclusive|breaking(?: news)?|live|video|politics|world|review
    kommentar|meinung"""
)
"""A short line above the first paragraph: byline, date, reading time, kicker."""

ASKING_BUTTON = _whole(
    r"""(?:accept|reject|allow)(?: all)?(?: cookies)?|(?:i )?agree|got it
    sign ?up(?: now| for free)?|subscribe(?: now| today)?|register(?: now| for free)?|join(?: now| today| us)?
    (?:get|download|install|open|try)(?: (?:the|our))? app(?: now)?|install|download now
    (?:switch|turn) (?:them |it )?on(?: (?:alerts|notifications))?|enable(?: (?:alerts|notifications))?
    (?:yes,? please|not now|maybe later|later|no,? thanks?|dismiss|remind me later)
    (?:choose|select|pick|get|buy) .{1,30}|see (?:all )?(?:the )?(?:plans?|offers?|options)|view (?:plans|offers)
    start (?:your |a )?(?:free )?trial|try (?:it )?(?:for )?(?:free|\d.{0,20})|claim (?:this |the )?offer
    (?:donate|support us|become a (?:member|supporter|subscriber))(?: now| today)?|vote(?: now)?
    jetzt (?:abonnieren|anmelden|testen)|zum abo|anmelden|s'abonner|je m'abonne|suscr[íi]bete|suscribirse|abbonati"""
)
"""What is written on a button that asks something of the reader."""

PAYWALL = re.compile(
    _any(
        r"""(?:subscribe|sign in|log in|register).{0,40}\bto (?:continue|keep|read|finish|unlock|access|view)\b
        (?:become a (?:member|subscriber)|create (?:an|a free) account).{0,40}\bto (?:continue|read|unlock|access)\b
        (?:continue|keep) reading (?:with|by|for|this article)\b
        this (?:article|story|content) is (?:only |exclusive(?:ly)? |available |reserved )*(?:to|for)…subscribers?
        this (?:article|story|content) is (?:only |exclusive(?:ly)? |available |reserved )*(?:to|for)…members?
        (?:already|not) a (?:subscriber|member)\?|to (?:read|continue reading) (?:the full|this) (?:article|story)
        you(?:'|’)ve (?:reached|read) your.{0,40}(?:limit|articles)|subscribers? only|subscriber[- ]exclusive
        weiterlesen mit|jetzt (?:abonnieren|weiterlesen)|nur für abonnent
        (?:cet article|la suite) est réservée? aux abonnés|il vous reste .{0,20} à lire
        contenido exclusivo para suscriptores|suscríbete para (?:seguir|leer)|articolo riservato agli abbonati
        verder lezen\?|for abonnenter"""
    ),
    re.IGNORECASE,
)
"""What a page says where it stops for those who have not paid."""
