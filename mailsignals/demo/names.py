"""Words that names of people and firms are made of."""

FIRST_NAMES = {
    "german": "Anna Jonas Lena Felix Katrin Moritz Heike Stefan Miriam Tobias Ingrid Lukas Sabine Florian Greta Emre",
    "english": "Emma Oliver Grace Henry Chloe Samuel Ruth Marcus Hannah Daniel Naomi Peter Leah Owen Zoe Malik",
    "french": "Camille Hugo Manon Julien Elise Antoine Margaux Olivier Claire Mathieu Nadia Bastien Lucie Yanis",
    "spanish": "Lucia Javier Carmen Diego Elena Pablo Marta Andres Ines Sergio Paula Raul Alba Hector",
    "polish": "Zofia Jakub Maja Tomasz Alicja Piotr Ewa Marek Hanna Pawel Iga Adam Julia Kamil",
    "nordic": "Astrid Erik Freja Lars Sigrid Nils Linnea Anders Saga Mikkel Tuva Henrik Elin Aino",
    "portuguese": "Beatriz Thiago Larissa Rafael Camila Bruno Juliana Caio Leticia Mateus Isabela Vitor",
    "indian": "Priya Arjun Ananya Rohan Kavya Vikram Meera Aditya Nisha Sanjay Divya Karthik Farah Imran",
    "japanese": "Yuki Haruto Aoi Kenji Sakura Ren Hina Takumi Mio Daiki Emi Sora",
}
LAST_NAMES = {
    "german": "Brandt Keller Vogel Lindner Hartmann Seidel Yilmaz Winter Krause Ziegler Albrecht Busch Engel Roth",
    "english": "Walker Hughes Bennett Okafor Foster Reid Palmer Sullivan Barnes Clarke Osei Morgan Price Wells",
    "french": "Moreau Lefevre Garnier Roussel Chevalier Benali Fontaine Marchand Perrin Dumas Leroy Colin",
    "spanish": "Navarro Ortega Molina Serrano Vidal Castillo Romero Iglesias Campos Fuentes Pascual Rojas",
    "polish": "Kowalska Nowak Wrona Zielinski Mazur Krol Sikora Dudek Lis Baran Wilk Sowa",
    "nordic": "Lindqvist Berg Nyman Holm Dahl Sandberg Lund Virtanen Strand Ek Solberg Nygaard",
    "portuguese": "Almeida Barbosa Cardoso Ribeiro Teixeira Moura Azevedo Pinto Freitas Nunes",
    "indian": "Sharma Iyer Reddy Mehta Nair Kapoor Banerjee Rao Qureshi Joshi Menon Desai",
    "japanese": "Tanaka Mori Ishikawa Ueda Nakamura Abe Fujita Ono Kimura Hayashi",
}

FIRM_WORDS = (
    "Alder Finch Harbour Juniper Kestrel Larch Meadow Nordlicht Orchard Pebble Quarry Rowan Saffron Thistle Umber "
    "Violet Willow Yarrow Zephyr Amber Birch Copper Drift Ember Fjord Garnet Heron Indigo Jasper Kite Linden Maple "
    "Nettle Osprey Plover Raven Sable Teal Wren Bramble Cedar Dunlin Elm Fallow Gorse Hazel Ivory Lichen Marlow "
    "Sorrel Tansy Vesper Bracken Clover Sedge Aster Cobalt Damson Fennel Heath"
)
FIRM_TRADES = (
    "Logistics Foods Robotics Instruments Textiles Insurance Energy Labs Clinics Travel Books Brewing Optics Ceramics "
    "Freight Studios Analytics Pharma Timber Bikes Press Tools Water Seeds Audio Materials Maps Systems Marine Paper"
)
VENDORS = (
    "tidewire.test",
    "brightpost.test",
    "opsweekly.test",
    "cloudlantern.test",
    "hiringhall.test",
    "deskjournal.test",
)
FREE_MAIL = ("postbox.example", "quickmail.test", "mailnest.example")
