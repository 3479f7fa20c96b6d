"""First and last names that go with a culture, and street names: common ones, nobody is meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NameStock:
    """Names of one culture, commonest first. `either` are names that do not tell the gender."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    either: tuple[str, ...]
    last_female: tuple[str, ...]
    last_male: tuple[str, ...]
    streets: tuple[str, ...]


def _stock(
    *, female: str, male: str, either: str, last: str, streets: str, last_female: str = ""
) -> NameStock:
    return NameStock(
        female=tuple(female.split()),
        male=tuple(male.split()),
        either=tuple(either.split()),
        last_female=tuple((last_female or last).split()),
        last_male=tuple(last.split()),
        streets=tuple(streets.split("|")),
    )


NAMES: dict[str, NameStock] = {
    "swedish": _stock(
        female="""Anna Eva Maria Karin Kristina Lena Sara Emma Ingrid Elin Hanna Johanna Linnéa Ida
        Malin Jenny Ulla Birgitta Marie Annika Åsa Frida Elsa Astrid Märta Ebba Maja Wilma Alma
        Klara Matilda Sofia Susanne Camilla Helena Gunilla Margareta Inger Monica Cecilia""",
        male="""Lars Anders Johan Erik Per Karl Mikael Jan Peter Thomas Fredrik Daniel Bengt Mats
        Andreas Stefan Göran Björn Magnus Gustav Oskar Axel Nils Olle Henrik Jonas Mattias Martin
        Håkan Sven Emil Viktor Filip Anton Ludvig Hugo Arvid Isak Rasmus Åke""",
        either="Kim Robin Love Charlie Alex",
        last="""Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson
        Gustafsson Pettersson Jonsson Jansson Hansson Bengtsson Jönsson Lindberg Jakobsson
        Magnusson Lindström Lindqvist Lindgren Berg Axelsson Bergström Lundberg Lind Lundgren
        Sandberg Mattsson Holm Sjöberg Nordin Dalman Åkesson Öberg Falk Ström""",
        streets="Storgatan|Kyrkogatan|Skolgatan|Björkvägen|Åsgatan|Järnvägsgatan|Skogsvägen",
    ),
    "polish": _stock(
        female="""Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Magdalena Elżbieta
        Joanna Aleksandra Zofia Monika Teresa Natalia Karolina Julia Zuzanna Dorota Beata Hanna
        Agata Kinga Paulina Iwona Grażyna Justyna Weronika Bożena""",
        male="""Piotr Krzysztof Andrzej Tomasz Jan Paweł Michał Marcin Jakub Adam Stanisław Marek
        Łukasz Grzegorz Mateusz Wojciech Mariusz Dariusz Zbigniew Jerzy Maciej Rafał Robert Kamil
        Jacek Bartosz Szymon Sławomir Filip Przemysław""",
        either="",
        last="""Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański
        Woźniak Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski
        Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Wróbel""",
        last_female="""Nowak Kowalska Wiśniewska Wójcik Kowalczyk Kamińska Lewandowska Zielińska
        Szymańska Woźniak Dąbrowska Kozłowska Jankowska Mazur Kwiatkowska Krawczyk Kaczmarek
        Piotrowska Grabowska Zając Pawłowska Michalska Król Wieczorek Jabłońska Wróbel""",
        streets="ul. Polna|ul. Leśna|ul. Słoneczna|ul. Krótka|ul. Szkolna|ul. Ogrodowa|ul. Lipowa",
    ),
    "english": _stock(
        female="""Mary Jennifer Elizabeth Linda Patricia Barbara Susan Jessica Sarah Karen Emily
        Emma Olivia Sophia Margaret Rachel Megan Hannah Katherine Laura Amy Rebecca Nicole Amanda
        Melissa Stephanie Julia Grace Victoria Charlotte Abigail Heather Alice Martha Diane""",
        male="""James John Robert Michael William David Richard Thomas Christopher Daniel Matthew
        Anthony Mark Steven Paul Andrew Joshua Kevin Brian George Edward Timothy Jason Jeffrey Ryan
        Jacob Nicholas Eric Jonathan Benjamin Samuel Patrick Peter Henry Walter""",
        either="Jordan Casey Riley Avery Quinn Taylor Morgan Jamie",
        last="""Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore
        Martin Jackson Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright
        Scott Green Baker Adams Nelson Hill Campbell Mitchell Roberts Carter Sullivan Murphy O'Brien
        Kelly Doyle""",
        streets="Main Street|Maple Street|Park Avenue|Oak Street|Church Street|Elm Street",
    ),
    "german": _stock(
        female="""Anna Maria Sabine Petra Monika Julia Katharina Laura Lena Claudia Susanne Stefanie
        Christina Birgit Heike Ursula Johanna Lea Franziska Greta""",
        male="""Thomas Michael Andreas Peter Stefan Christian Wolfgang Klaus Jürgen Matthias Jan
        Lukas Felix Maximilian Tobias Florian Uwe Dieter Jonas Moritz""",
        either="Kim Toni",
        last="""Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch
        Richter Klein Wolf Schröder Neumann Schwarz Braun Zimmermann Krüger""",
        streets="Hauptstraße|Bahnhofstraße|Gartenstraße|Lindenstraße|Schulstraße",
    ),
    "french": _stock(
        female="""Marie Nathalie Isabelle Sylvie Catherine Julie Chloé Camille Léa Manon Sophie
        Céline Hélène Élodie Amélie Juliette Margaux Aurélie Valérie Geneviève""",
        male="""Jean Pierre Michel Philippe Nicolas Julien Thomas Antoine Guillaume François Louis
        Hugo Lucas Mathieu Étienne Benoît Olivier Laurent Sébastien Rémi""",
        either="Dominique Claude",
        last="""Martin Bernard Dubois Robert Richard Petit Durand Leroy Moreau Simon Laurent
        Lefebvre Michel Garcia Roux Fournier Girard Tremblay Gagnon Bouchard Côté""",
        streets="rue de l'Église|rue Victor-Hugo|rue du Moulin|rue de la Paix|rue des Lilas",
    ),
    "norwegian": _stock(
        female="""Anne Inger Kari Marit Ingrid Liv Eva Berit Nora Emma Solveig Silje Hilde Camilla
        Mette Lene Kirsten Sofie Freja Karen""",
        male="""Jan Per Bjørn Ole Lars Kjell Knut Svein Arne Thomas Morten Hans Henrik Magnus Jonas
        Søren Jens Mads Rasmus Anders""",
        either="Kim Robin",
        last="""Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen
        Berg Haugen Hagen Sørensen Rasmussen Møller Dahl Lund Moen Bakke""",
        streets="Storgata|Kirkegata|Skolegata|Parkveien|Solveien",
    ),
    "finnish": _stock(
        female="Anna Maria Helena Johanna Anneli Kaarina Päivi Tuula Laura Aino Eeva Liisa Emilia",
        male="Juhani Matti Mikko Antti Jukka Timo Pekka Ville Eero Heikki Lauri Markku Janne",
        either="Vieno",
        last="""Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen
        Järvinen Lehtonen Saarinen""",
        streets="Kirkkokatu|Koulukatu|Puistokatu|Asemakatu",
    ),
    "dutch": _stock(
        female="Anna Maria Johanna Emma Sanne Lotte Femke Marieke Anouk Fleur Iris Eva Lisa",
        male="Jan Pieter Daan Sem Lucas Bram Thijs Willem Hendrik Ruben Maarten Jeroen Koen",
        either="Robin",
        last="Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer",
        streets="Kerkstraat|Dorpsstraat|Molenweg|Stationsweg",
    ),
    "spanish": _stock(
        female="María Carmen Ana Isabel Laura Cristina Marta Lucía Paula Sara Elena Pilar Rosa",
        male="Antonio José Manuel Francisco David Javier Carlos Daniel Miguel Pablo Sergio Jorge",
        either="Cruz",
        last="García González Rodríguez Fernández López Martínez Sánchez Pérez Gómez Ruiz Díaz",
        streets="Calle Mayor|Calle Real|Calle Nueva|Calle del Sol",
    ),
}
